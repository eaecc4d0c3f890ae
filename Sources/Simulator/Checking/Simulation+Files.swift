import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding
import Storage

/// The files of the replicas, against the log as it was applied anywhere.
extension Simulation {
    private static var tableCheckInterval: Span { .milliseconds(700) }

    func directory(ofShard ordinal: Int) -> String { "/node/" + cluster.shards[ordinal].name }

    /// What a new life has found: everything that its acceptor made durable, and the table that the log makes up to its slot.
    func checkRecovered(_ state: LedgerState, appliedUpTo: Slot, of shard: ShardLife) -> [String] {
        let (life, ordinal) = (shard.life, shard.ordinal)
        do {
            let ledger = try LedgerContents(directory: directory(ofShard: ordinal), vfs: life.vfs.name)
            shard.tableGeneration = ledger.tableGeneration
            let lost = life.node.acceptors[ordinal].recovered(
                state, appliedUpTo: appliedUpTo, ledger, life: life.number, &votes[ordinal])
            if let lost { return [lost] }
            let problems = ledger.problems(&chosen[ordinal], of: life.node.id)
            return try problems + tableProblems(ordinal, vfs: life.vfs.name, generation: ledger.tableGeneration)
        } catch {
            return ["tables: the files can't be read, or the log not be replayed: \(error)"]
        }
    }

    /// Every table, as of its last commit, again and again.
    func watchTables() {
        after(Self.tableCheckInterval) { [unowned self] in
            for node in nodes {
                guard let life = node.life else { continue }
                for shard in life.shards {
                    let problems = filesProblems(shard.ordinal, of: life, generation: shard.tableGeneration)
                    for problem in problems { fail("\(problem) (\(node.id)/\(cluster.shards[shard.ordinal].name))") }
                }
            }
            watchTables()
        }
    }

    private func filesProblems(_ ordinal: Int, of life: NodeLife, generation: UInt64) -> [String] {
        do {
            return try tableProblems(ordinal, vfs: life.vfs.name, generation: generation)
        } catch {
            return life.node.disk.isHalted || life.node.damage != nil ? [] : ["tables: the table can't be read, or the log not be replayed: \(error)"]
        }
    }

    private func tableProblems(_ ordinal: Int, vfs: String, generation: UInt64) throws -> [String] {
        let table = try TableContents(directory: directory(ofShard: ordinal), generation: generation, vfs: vfs)
        guard let reference = try chosen[ordinal].reference(through: table.appliedUpTo) else {
            return ["tables: it stands at slot \(table.appliedUpTo), and not all up to there was applied"]
        }
        return table.problems(reference)
    }

    /// Once all is well, every replica holds the whole log, and the table that the log makes in memory.
    func checkFilesAtEnd(ofShard ordinal: Int) -> [String] {
        let end = Slot(UInt64(chosen[ordinal].entries.count))
        var problems: [String] = []
        for node in nodes where !node.isOut {
            guard let life = node.life else {
                problems.append("liveness: \(node.id) is down, and nothing holds it down")
                continue
            }
            do {
                let ledger = try LedgerContents(directory: directory(ofShard: ordinal), vfs: life.vfs.name)
                let table = try TableContents(
                    directory: directory(ofShard: ordinal), generation: ledger.tableGeneration, vfs: life.vfs.name)
                if table.appliedUpTo != end {
                    problems.append("tables: it stands at slot \(table.appliedUpTo), and \(end) was applied somewhere (\(node.id))")
                }
                let found =
                    try ledger.problems(&chosen[ordinal], of: node.id)
                    + tableProblems(ordinal, vfs: life.vfs.name, generation: ledger.tableGeneration)
                problems += found.map { "\($0) (\(node.id))" }
            } catch {
                problems.append("tables: the files can't be read, or the log not be replayed: \(error) (\(node.id))")
            }
        }
        return problems
    }
}
