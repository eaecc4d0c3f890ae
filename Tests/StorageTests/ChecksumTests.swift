import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Testing

/// What a disk changes in the table is found when it is read, and tables at one slot can be compared.
@Suite struct ChecksumTests {
    let replicas = Replicas()
    let recorder = Recorder()

    /// A replica with three keys, whose file somebody has changed while it was closed; with checks on, SQLite takes it for sound.
    private func changed(by sql: String) throws -> Replicas {
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 4), chosenUpTo: Slot(4)))
        replica.table.apply(log(through: 4))
        replica.close()
        _ = try shell(replicas.tablePath(), sql)
        #expect(try shell(replicas.tablePath(), "PRAGMA integrity_check") == "ok")
        return replicas
    }

    @Test(arguments: [
        "value = x'00'", "created_slot = 9", "modified_slot = 9", "checksum = checksum + 1", "key = CAST('key3x' AS BLOB), id = 100",
    ])
    func aChangedRowIsNoAnswer(assignment: String) throws {
        let replica = try changed(by: "UPDATE key_values SET \(assignment) WHERE key = CAST('key3' AS BLOB)").open(recorder)
        replica.table.read([.get(key: bytes("key2"))])
        #expect(recorder.seen.answers.last == .value(bytes("value2")))
        replica.table.read([.get(key: bytes(assignment.hasPrefix("key") ? "key3x" : "key3"))])
        #expect(recorder.seen.answers.count == 1)
        #expect(recorder.seen.failures.map(\.kind) == [.inputOutput])
        let line = recorder.seen.failures.first?.description ?? ""
        #expect(line.contains("key_values does not match its checksum") && line.contains("the next start makes the table again"), "\(line)")
        replica.close()
        let again = Recorder()
        let second = try replicas.open(again)
        second.table.read([.get(key: bytes("key3"))])
        #expect(again.seen.answers == [.value(bytes("value3"))])
    }

    @Test(arguments: ["last_stamp = 1", "answered_below = 3", "results = x'00'", "time_to_live = 5", "checksum = 0"])
    func aTableWithAChangedSessionIsMadeAgain(assignment: String) throws {
        let good = Recorder()
        let replica = try changed(by: "UPDATE sessions SET \(assignment)").open(good)
        #expect(good.seen.notices.count == 1 && good.seen.notices[0].contains("does not match its checksum"), "\(good.seen.notices)")
        #expect(replica.appliedUpTo == Slot(4))
        replica.close()
        #expect(try shell(replicas.tablePath(2), "SELECT answered_below > 0, checksum <> 0 FROM sessions") == "1|1")
    }

    /// However the rows came to be: in one life or with a crash between, in one transaction or in many.
    @Test func equalTablesHaveEqualHashes() throws {
        let entries = Self.history(through: 3000)
        let whole = try replicas.open(recorder)
        whole.table.apply(entries)
        let other = Replicas()
        let pieces = Recorder()
        var replica = try other.open(pieces)
        for (number, start) in stride(from: 0, to: entries.count, by: 170).enumerated() {
            let batch = Array(entries[start..<min(start + 170, entries.count)])
            let last = batch[batch.count - 1].slot
            replica.ledger.commit(LedgerWrite(number: UInt64(number + 1), entries: batch, chosenUpTo: last))
            replica.table.apply(batch)
            guard number.isMultiple(of: 4) else { continue }
            replica.close()
            replica = try other.open(pieces)
        }
        #expect(recorder.seen.hashes.map(\.slot) == [Slot(1024), Slot(2048)])
        #expect(pieces.seen.hashes == recorder.seen.hashes)
    }

    @Test func anotherValueMakesAnotherHash() throws {
        var entries = Self.history(through: 1024)
        try replicas.open(recorder).table.apply(entries)
        entries[700] = set(701, "written once", "value")
        let other = Recorder()
        try Replicas().open(other).table.apply(entries)
        #expect(recorder.seen.hashes.count == 1 && other.seen.hashes.count == 1)
        #expect(recorder.seen.hashes != other.seen.hashes)
    }

    /// A table from before there were checksums gets them when it is opened.
    @Test func anOlderTableIsBroughtUpToDate() throws {
        let entries = Self.history(through: 1500)
        let first = try replicas.open(recorder)
        first.ledger.commit(LedgerWrite(number: 1, entries: entries, chosenUpTo: Slot(1500)))
        first.table.apply(entries)
        first.close()
        let sums =
            "SELECT sum(checksum & 0xFFFFFFFF), sum(checksum >> 32) FROM key_values; SELECT checksum FROM sessions; "
            + "SELECT rows_hash FROM state"
        let before = try shell(replicas.tablePath(), sums)
        _ = try shell(
            replicas.tablePath(),
            """
            ALTER TABLE key_values DROP COLUMN checksum; ALTER TABLE sessions DROP COLUMN checksum;
            ALTER TABLE state DROP COLUMN rows_hash; ALTER TABLE state DROP COLUMN stamp; DROP TABLE configurations;
            DELETE FROM migrations WHERE number > 1; PRAGMA user_version = 1;
            """)
        try replicas.open(recorder).close()
        #expect(try shell(replicas.tablePath(), sums) == before)
        #expect(try shell(replicas.tablePath(), "SELECT max(number) FROM migrations; PRAGMA user_version") == "3\n3")
    }

    private static func history(through last: UInt64) -> [SlottedEntry] {
        var random = SplitMix(state: 11)
        return [opening] + (2...last).map { entry($0, random.mutation(), answeredBelow: $0 > 20 ? $0 - 20 : 1) }
    }
}
