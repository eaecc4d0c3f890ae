import Paxos
import Replica
import Sharding

/// For a person who wants to know why nothing goes on: what each replica takes for true, and what it waits for.
extension Simulation {
    var views: String {
        var lines: [String] = []
        for ordinal in cluster.shards.indices {
            for node in nodes {
                let place = "\(node.id)/\(cluster.shards[ordinal].name)"
                guard let life = node.life else {
                    lines.append("\(place) is down")
                    continue
                }
                let server = life.shards[ordinal].server
                lines.append("\(place)\(life.isPaused ? " (paused)" : "") \(server.report.text); \(server.load.text)")
            }
        }
        return lines.map { "\n    " + $0 }.joined()
    }
}

extension ShardReport {
    fileprivate var text: String {
        var parts: [String] = []
        switch role {
        case .leader: parts.append("leads\(holdsLease ? " with a lease" : "")\(isHandingOver ? ", handing over" : "")")
        case .follower: parts.append(leader.map { "follows \($0)" } ?? "knows no leader")
        case .unborn: parts.append("is unborn, waits for \(awaited.map(\.description).joined(separator: ", "))")
        case .stranger: parts.append("is a stranger")
        }
        parts.append("promised \(promised), slots: applied \(appliedUpTo), chosen \(chosenUpTo), last \(lastSlot)")
        parts += peers.map { "\($0.node) acknowledged \($0.acknowledged), applied \($0.appliedUpTo)" }
        return parts.joined(separator: ", ")
    }
}

extension ShardLoad {
    fileprivate var text: String {
        let waiting = [
            ("commands of clients", writes), ("reads of clients", queries), ("local reads", localReads), ("proposals", proposals),
            ("reads", reads), ("reads of the ledger", ledgerReads), ("vows on the ledger", group.vows),
            ("chosen entries on the table", group.unapplied), ("early runs", group.earlyRuns), ("handovers", handovers),
        ].filter { $0.1 > 0 }
        return waiting.isEmpty ? "nothing waits" : "waiting: " + waiting.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}
