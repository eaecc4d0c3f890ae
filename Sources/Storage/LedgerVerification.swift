import Paxos
import SQLite

/// Reads a whole ledger and says everything that it finds, where opening it would stop at the first. Changes nothing; for a replica whose
/// node does not run and can't start meanwhile (the caller holds the node's `LOCK`).
package enum LedgerVerification {

    /// `directory` is the replica's (`DIR/shard`).
    package static func findings(inReplica directory: String) -> [Finding] {
        let path = ReplicaDirectory.ledgerPath(directory)
        guard FileSystem.exists(path) else {
            return [Finding(.damaged, path, "missing: started here, the node would make another replica, which has no vote")]
        }
        var findings = logFindings(path)
        do throws(StorageError) {
            let found = try Reading.file(path, .ledger) { (connection) throws(StorageError) in try verify(connection, path) }
            findings += found ?? [Finding(.damaged, path, "empty")]
        } catch {
            findings.append(Finding(.damaged, path, "can't be read: \(error)"))
        }
        return findings.isEmpty ? [Finding(.sound, path, "sound")] : findings
    }

    /// Of the write-ahead log, before SQLite reads it: it would say nothing of what stands behind a bad frame.
    private static func logFindings(_ path: String) -> [Finding] {
        let logPath = path + "-wal"
        guard FileSystem.exists(logPath) else { return [] }
        var log = WriteAheadLog()
        do throws(StorageError) {
            try FileSystem.readPieces(of: logPath) { log.read($0) }
        } catch {
            return [Finding(.damaged, logPath, "can't be read: \(error)")]
        }
        guard let frame = log.firstBad else { return [] }
        if log.losesSyncedCommits {
            return [Finding(.damaged, logPath, "damaged at frame \(frame): synced commits stand behind it, which SQLite would drop")]
        }
        guard log.losesCommits else { return [] }
        return [Finding(.repairable, logPath, "its last transaction, at frame \(frame), is torn: it was never acknowledged")]
    }

    private static func verify(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> [Finding] {
        var findings = try integrityFindings(connection, path)
        do throws(StorageError) {
            if try Identity.read(connection, path) == nil { findings.append(Finding(.damaged, path, "has no identity")) }
        } catch {
            findings.append(Finding(.damaged, path, error.description))
        }
        let (found, members) = try stored(path) { () throws(SQLiteError) in
            (try Acceptor.checked(connection), try Members.checksum(connection))
        }
        guard case .some(.some(let acceptor)) = found else {
            return findings + [Finding(.damaged, path, "the acceptor row, with the promise, is missing or not what this program wrote")]
        }
        if acceptor.membersChecksum != members {
            findings.append(Finding(.damaged, path, "the members' rows are not what this program wrote"))
        }
        guard let places = try stored(path, { () throws(SQLiteError) in try LogPlaces.checked(connection) }) else {
            return findings + [Finding(.damaged, path, LogPlaces.damage)]
        }
        return try findings + rowFindings(connection, acceptor, places, path)
    }

    private static func integrityFindings(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> [Finding] {
        try stored(path) { () throws(SQLiteError) in
            let rows = try connection.prepare("PRAGMA integrity_check(20)")
            var findings: [Finding] = []
            while try rows.step() {
                let line = rows.text(0)
                if line != "ok" { findings.append(Finding(.damaged, path, line.split(separator: "\n").joined(separator: "; "))) }
            }
            return findings
        }
    }

    /// Every row of the log, in one pass: its checksum, and whether a chosen one is missing.
    private static func rowFindings(
        _ connection: borrowing Connection, _ acceptor: Acceptor, _ places: LogPlaces, _ path: String
    ) throws(StorageError) -> [Finding] {
        var chosen = Slots()
        var accepted = Slots()
        try stored(path) { () throws(SQLiteError) in
            let rows = try connection.prepare(LogRow.read)
            var expected = acceptor.compactedUpTo.next
            for segment in places.segments(from: expected) {
                let start = max(places.firstSlot(of: segment), acceptor.compactedUpTo.next)
                try places.scan(segment, from: start, compactedUpTo: acceptor.compactedUpTo, with: rows) {
                    (slot, finding) throws(SQLiteError) in
                    if case .leftover = finding { return true }
                    while expected < slot, expected <= acceptor.chosenUpTo {
                        chosen.append(expected)
                        expected = expected.next
                    }
                    expected = slot.next
                    guard case .damaged(let misplaced) = finding else { return true }
                    let damaged = max(slot, misplaced ?? slot)
                    if damaged <= acceptor.chosenUpTo { chosen.append(damaged) } else { accepted.append(damaged) }
                    return true
                }
            }
            while expected <= acceptor.chosenUpTo {
                chosen.append(expected)
                expected = expected.next
            }
        }
        var findings: [Finding] = []
        if chosen.count > 0 {
            findings.append(
                Finding(.repairable, path, "rows of chosen slots are missing or not what was written: \(chosen); peers have them"))
        }
        if accepted.count > 0 {
            findings.append(
                Finding(
                    .damaged, path,
                    "rows that may have been accepted are not what was written: \(accepted); \(StorageError.mustNotVote(path))"))
        }
        return findings
    }

    /// The first are named, the rest is counted.
    private struct Slots: CustomStringConvertible {
        private static let namedMax = 10

        private var named: [Slot] = []
        private(set) var count = 0

        mutating func append(_ slot: Slot) {
            count += 1
            if named.count < Self.namedMax { named.append(slot) }
        }

        var description: String {
            let names = named.map(\.description).joined(separator: ", ")
            return count > named.count ? "\(names) and \(count - named.count) more" : names
        }
    }
}
