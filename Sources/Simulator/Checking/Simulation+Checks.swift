import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding

/// What has to hold at the end of every run; what holds all along is checked where it happens.
extension Simulation {
    func check() {
        for ordinal in cluster.shards.indices {
            let shard = cluster.shards[ordinal].name
            let calls = CallChecks(calls(ofShard: ordinal))
            var problems = calls.answers { node($0).life?.number == $1 }
            if let problem = chosen[ordinal].problem { problems.append(problem) }
            problems += calls.effects(of: chosen[ordinal].effective())
            problems += calls.localReads(
                stalenessMax: cluster.settings.stalenessMax, clockErrorPerMille: clocksKeptBoundSince == .zero ? 20 : 310)
            problems += calls.linearizability()
            problems += filesProblems(ordinal)
            for problem in problems { fail("\(shard): \(problem)") }
        }
    }

    /// Once all is well, every replica holds the whole log, and the table that the log makes in memory.
    private func filesProblems(_ ordinal: Int) -> [String] {
        var problems: [String] = []
        let log = chosen[ordinal]
        let end = Slot(UInt64(log.entries.count))
        do {
            let reference = try log.reference(through: end)
            for node in nodes {
                guard let life = node.life else {
                    problems.append("liveness: \(node.id) is down, and nothing holds it down")
                    continue
                }
                let files = try ReplicaFiles(directory: "/node/" + cluster.shards[ordinal].name, vfs: life.vfs.name)
                problems += files.problems(at: end, log, reference).map { "\($0) (\(node.id))" }
            }
        } catch {
            problems.append("tables: the files can't be read, or the log not be replayed: \(error)")
        }
        return problems
    }
}

extension ReplicaFiles {
    fileprivate func problems(at end: Slot, _ chosen: ChosenLog, _ reference: ReferenceTable) -> [String] {
        var problems: [String] = []
        if appliedUpTo != end { problems.append("tables: it stands at slot \(appliedUpTo), and \(end) was applied somewhere") }
        for row in log where row.slot <= chosenUpTo && row.slot <= end {
            let known = chosen.entries[Int(row.slot.rawValue) - 1]
            if known?.content != row.entry.content || known?.stamp != row.entry.stamp {
                problems.append(
                    "agreement: slot \(row.slot) of the ledger holds \(row.entry), and \(String(describing: known)) was applied")
            }
        }
        guard appliedUpTo == end else { return problems }
        let expected = reference.rows.rows.map(Row.init)
        if rows != expected {
            let different = zip(rows, expected).first { $0 != $1 }
            problems.append(
                "tables: \(rows.count) rows are not the reference's \(expected.count)"
                    + (different.map { ": \($0) ought to be \($1)" } ?? ""))
        }
        if keyCount != reference.rows.count || largestID != reference.rows.largestID {
            problems.append("tables: \(keyCount) keys and largest id \(largestID) are not the reference's")
        }
        if sessions != reference.sessions { problems.append("tables: the sessions are not the reference's") }
        return problems
    }
}
