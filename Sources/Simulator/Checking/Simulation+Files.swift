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

    func ledgerPath(ofShard ordinal: Int) -> String { directory(ofShard: ordinal) + "/ledger.sqlite" }

    func tablePath(ofShard ordinal: Int, generation: UInt64) -> String {
        let number = String(generation)
        return directory(ofShard: ordinal) + "/table-" + String(repeating: "0", count: max(0, 6 - number.count)) + number + ".sqlite"
    }

    /// What a new life has found: everything that its acceptor made durable, and the table that the log makes up to its slot.
    func checkRecovered(_ state: LedgerState, appliedUpTo: Slot, of shard: ShardLife) -> [String] {
        let (life, ordinal) = (shard.life, shard.ordinal)
        do {
            let ledger = try LedgerContents(path: ledgerPath(ofShard: ordinal), vfs: life.vfs.name)
            shard.tableGeneration = ledger.tableGeneration
            let lost = life.node.acceptors[ordinal].recovered(
                state, appliedUpTo: appliedUpTo, ledger, isDamaged: life.node.damage?.isOfLedger ?? false, life: life.number,
                &votes[ordinal])
            if let lost { return [lost] }
            return try ledger.problems(&chosen[ordinal], of: life.node.id, mayHaveGaps: life.node.damage?.isOfLedger ?? false)
                + fileProblems(of: shard)
        } catch  where life.node.damage != nil {
            return []
        } catch {
            return ["tables: the files can't be read, or the log not be replayed: \(error)"]
        }
    }

    /// Every table, as of its last commit, again and again.
    func watchTables() {
        after(Self.tableCheckInterval) { [unowned self] in
            for life in nodes.compactMap(\.life) where !life.node.disk.isHalted { life.shards.forEach(checkFiles) }
            watchTables()
        }
    }

    private func checkFiles(of shard: ShardLife) {
        if shard.isInstalling { return }
        do {
            for problem in try peek(at: shard.life.node, { try fileProblems(of: shard) }) { fail("\(problem) (\(shard.place))") }
        } catch {
            // What was damaged may fail at any read, the check's too.
            guard !shard.life.node.disk.isHalted, shard.life.node.damage == nil else { return }
            fail("tables: the table can't be read, or the log not be replayed: \(error) (\(shard.place))")
        }
    }

    private func fileProblems(of shard: ShardLife) throws -> [String] {
        let node = shard.life.node
        let path = tablePath(ofShard: shard.ordinal, generation: shard.tableGeneration)
        let table = try TableContents(path: path, vfs: shard.life.vfs.name)
        guard let reference = try chosen[shard.ordinal].reference(through: table.appliedUpTo) else {
            return ["tables: it stands at slot \(table.appliedUpTo), and not all up to there was applied"]
        }
        let sizes = [
            node.fileCheck(path).problem(table.content),
            node.fileCheck(ledgerPath(ofShard: shard.ordinal)).problem(node.acceptors[shard.ordinal].content),
        ]
        return table.problems(reference) + sizes.compactMap { $0 }
    }

    /// What a table's last commit has made needless is gone after a few looks. A file that can't be read is the check's to tell.
    var areLogsTidy: Bool {
        nodes.allSatisfy { node in
            node.isOut
                || peek(at: node) {
                    node.life?.shards.allSatisfy { shard in
                        let ledger = try? LedgerContents(path: ledgerPath(ofShard: shard.ordinal), vfs: shard.life.vfs.name)
                        return ledger?.lyingProblem == nil
                    } ?? true
                }
        }
    }

    /// Once all is well, every replica holds the whole log, and the table that the log makes in memory.
    func checkFilesAtEnd(ofShard ordinal: Int) {
        for node in nodes where !node.isOut { peek(at: node) { checkFilesAtEnd(ofShard: ordinal, of: node) } }
    }

    private func checkFilesAtEnd(ofShard ordinal: Int, of node: SimulatedNode) {
        let end = Slot(UInt64(chosen[ordinal].entries.count))
        guard let shard = node.life?.shards[ordinal] else { return fail("liveness: \(node.id) is down, and nothing holds it down") }
        do {
            let ledger = try LedgerContents(path: ledgerPath(ofShard: ordinal), vfs: shard.life.vfs.name)
            let table = try TableContents(path: tablePath(ofShard: ordinal, generation: ledger.tableGeneration), vfs: shard.life.vfs.name)
            if table.appliedUpTo != end {
                fail("tables: it stands at slot \(table.appliedUpTo), and \(end) was applied somewhere (\(shard.place))")
            }
            let problems = ledger.problems(&chosen[ordinal], of: node.id, mayHaveGaps: node.damage?.isOfLedger ?? false)
            for problem in problems + [ledger.lyingProblem].compactMap({ $0 }) { fail("\(problem) (\(shard.place))") }
            checkFiles(of: shard)
        } catch {
            fail("tables: the files can't be read: \(error) (\(shard.place))")
        }
        // A leader keeps what it sent to a node that does not come back.
        if !nodes.contains(where: \.isOut), let problem = loadCheck.remainder(shard.server.load) { fail("\(problem) (\(shard.place))") }
    }
}
