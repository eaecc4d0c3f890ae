import KeyValue
import Paxos
import Storage

/// What stands in a replica's files, in words. Safe beside a running node.
package enum Inspection {
    /// `directory` is a replica's, or a node's with several of them: a text for each, or why it can't be read.
    package static func texts(of directory: String) throws(ExitFailure) -> [Result<String, ExitFailure>] {
        let paths = ReplicaPaths.isReplica(directory) ? [directory] : try ReplicaPaths.all(in: directory)
        return paths.map { path in
            do throws(StorageError) {
                return .success(text(of: try ReplicaInspection(directory: path)))
            } catch {
                return .failure(ExitFailure(error))
            }
        }
    }

    private static func text(of replica: ReplicaInspection) -> String {
        let owner = replica.owner
        var lines = TextTable()
        func row(_ name: String, _ value: String) { lines.append([["  " + name], [value]]) }
        row("owner", "cluster \(owner.cluster), node \(owner.nodeName), shard \(owner.shardName)")
        row("incarnation", "\(replica.identity.incarnation), started \(replica.identity.boot.rawValue) times")
        row("stage", "\(replica.stage)" + (replica.stage == .stranger ? ": does not vote" : ""))
        row("promise", replica.promise == .zero ? "none" : "ballot \(replica.promise)")
        row("chosen up to", "\(replica.chosenUpTo)")
        let log = replica.lastSlot == .none ? "empty" : "slots \(replica.firstSlot) to \(replica.lastSlot)"
        row("log", log + (replica.compactedUpTo == .none ? "" : ", given up to \(replica.compactedUpTo)"))
        let newest = replica.configurations.max { $0.configuration.number < $1.configuration.number }
        let members = newest?.configuration.members ?? replica.genesis
        let names = members.map { "\($0.node)" + ($0.isVoter ? "" : " (learner)") }.joined(separator: ", ")
        row("members", names.isEmpty ? "not known yet" : "configuration \(newest?.configuration.number ?? 0): \(names)")
        if let table = replica.table {
            row("table", table.path)
            row("applied up to", "\(table.appliedUpTo)")
            row("keys", "\(table.keyCount)")
            row("sessions", "\(table.sessions.count)")
        } else {
            row("table", replica.chosenUpTo == .none ? "nothing has been applied" : "missing, or nothing has been written into it yet")
        }
        var entries = TextTable()
        for entry in replica.lastEntries { entries.append(cells(entry)) }
        let heading = replica.lastEntries.isEmpty ? "" : "  the last entries of the log\n"
        return "\(replica.path)\n" + lines.text() + heading + entries.text()
    }

    private static func cells(_ row: InspectedEntry) -> [[String]] {
        guard let entry = row.entry else { return [["    \(row.slot)"], ["DAMAGED: does not match its checksum"]] }
        let content =
            switch entry.content {
            case .noOperation: "no operation"
            case .command(let bytes): text(ofCommand: bytes)
            case .configuration(let configuration): "configuration \(configuration.number)"
            }
        return [["    \(row.slot)"], ["ballot \(entry.ballot)"], [content]]
    }

    private static func text(ofCommand bytes: [UInt8]) -> String {
        guard let command = try? SessionCommand(bytes: bytes) else { return "command of \(bytes.count) bytes" }
        return MutationText.of(command.mutation)
    }
}
