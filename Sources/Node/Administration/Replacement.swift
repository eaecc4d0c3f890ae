import Foundation
import Sharding

/// `decree replace`: a node that has lost its directory gets its place back, shard by shard, as the leaders let it.
package struct Replacement {
    private let endpoint: String
    private let node: String
    private let waitSeconds: Int
    private let say: (String) -> Void
    private var said: [String: String] = [:]

    /// `say` is given one line of progress at a time.
    package init(endpoint: String, node: String, waitSeconds: Int, say: @escaping (String) -> Void) {
        self.endpoint = endpoint
        self.node = node
        self.waitSeconds = waitSeconds
        self.say = say
    }

    /// Returns once the node's present life votes in every shard.
    package mutating func run() throws(ExitFailure) {
        var status = try ClusterStatus.gather(from: endpoint)
        try check(status)
        if shards(of: status).allSatisfy({ step($0, in: status) == .votes }) {
            say("\(node) votes in every shard already: there is nothing to replace")
            return
        }
        let deadline = time(nil) + waitSeconds
        while true {
            let steps = shards(of: status).map { ($0, step($0, in: status)) }
            let forgotten = steps.filter { $0.1 == .hasForgotten }.map(\.0)
            guard forgotten.isEmpty else {
                throw .inputOutput(
                    "\(node)'s directory of \(forgotten.joined(separator: ", ")) has forgotten what it promised: stop the node, move that "
                        + "directory away, start the node, and run this again")
            }
            for (shard, step) in steps { perform(step, shard, status) }
            if steps.allSatisfy({ $0.1 == .votes }) { return say("\(node) votes in every shard") }
            guard time(nil) < deadline else {
                let open = steps.filter { $0.1 != .votes }.map(\.0).joined(separator: ", ")
                throw .unavailable(
                    "\(node) does not vote in \(open) after \(waitSeconds) s; what has begun goes on by itself: "
                        + "look with decree status, or run this again")
            }
            usleep(200_000)
            status = try ClusterStatus.gather(from: endpoint)
        }
    }

    private func check(_ status: ClusterStatus) throws(ExitFailure) {
        guard let answer = status.nodes.first(where: { $0.name == node }) else {
            let names = status.nodes.map(\.name).joined(separator: ", ")
            throw .configuration("there is no node '\(node)': the nodes are \(names)")
        }
        guard answer.status != nil else {
            throw .unavailable(
                "\(node) does not answer (\(answer.error ?? "no answer")): move its old directory away and start it with an empty one first"
            )
        }
    }

    // MARK: What a shard needs

    package enum Step: Hashable {
        case votes
        /// This very directory was a voter's, and has forgotten what it promised: no place can be given to it any more.
        case hasForgotten
        /// The leader has to be asked.
        case ask(leader: String)
        /// It is a learner; slots that it has applied, of those that are chosen.
        case catchesUp(applied: UInt64, of: UInt64)
        /// The configuration in which it votes is chosen, and an earlier one still governs open slots: losing another node now would
        /// stop the shard.
        case comesIntoForce
        case noLeader
    }

    private func shards(of status: ClusterStatus) -> [String] {
        status.nodes.first { $0.name == node }?.status?.shards.map(\.name) ?? []
    }

    private func step(_ shard: String, in status: ClusterStatus) -> Step { Self.step(of: node, shard, in: status) }

    package static func step(of node: String, _ shard: String, in status: ClusterStatus) -> Step {
        func replica(_ answer: ClusterStatus.Answer) -> StatusDocument.Shard? { answer.status?.shards.first { $0.name == shard } }
        guard let own = status.nodes.first(where: { $0.name == node }).flatMap(replica) else { return .noLeader }
        // Of two that both think they lead, the one with the higher ballot does.
        let leaders = status.nodes.filter { replica($0)?.role == "leader" }
        let leader = leaders.max { (replica($0)?.promised.round ?? 0) < (replica($1)?.promised.round ?? 0) }
        guard let leader, let view = replica(leader) else { return .noLeader }
        guard let member = view.members?.first(where: { $0.node == node }), member.incarnation == own.incarnation else {
            return .ask(leader: leader.name)
        }
        if member.isVoter, own.role == "stranger" { return .hasForgotten }
        if member.isVoter { return view.isConfigurationPending ?? false ? .comesIntoForce : .votes }
        return .catchesUp(applied: own.appliedUpTo, of: view.chosenUpTo)
    }

    private mutating func perform(_ step: Step, _ shard: String, _ status: ClusterStatus) {
        switch step {
        case .votes: tell(shard, "\(node) votes")
        case .hasForgotten: break
        case .comesIntoForce: tell(shard, "\(node) gets its vote")
        case .noLeader: tell(shard, "has no leader at the moment")
        case .catchesUp(let applied, let chosen): tell(shard, "\(node) is a learner, catching up: \(applied) of \(chosen) slots")
        case .ask(let leader):
            do throws(QueryError) {
                guard let answer = status.nodes.first(where: { $0.name == leader }), let address = try? Address(text: answer.client) else {
                    return
                }
                var client = try NodeClient(address)
                _ = try client.ask(["DECREE", "REPLACE", shard, node], timeoutSeconds: 2)
                tell(shard, "\(leader) gives \(node) its place back")
            } catch {
                tell(shard, "\(leader): \(error)")
            }
        }
    }

    private mutating func tell(_ shard: String, _ line: String) {
        guard said.updateValue(line, forKey: shard) != line else { return }
        say("\(shard): \(line)")
    }
}
