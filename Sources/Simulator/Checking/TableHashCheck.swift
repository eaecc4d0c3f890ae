import KeyValue
import Paxos
import Replica
import Storage

/// The hashes that one shard's replicas say of their tables, against the table that the log makes in memory: at equal slots
/// all are the same, in every life.
struct TableHashCheck {
    /// Often, since runs are short.
    static let every: UInt64 = 16

    private var reference = ReferenceTable()
    private var replayedUpTo: UInt64 = 0
    /// At each slot that `every` divides.
    private var expected: [UInt64: UInt64] = [:]

    /// What is wrong with `hash`; `log` holds every slot up to its own, since it was applied there.
    mutating func note(_ hash: TableHash, of log: ChosenLog) -> String? {
        do {
            try replay(log, through: hash.slot.rawValue)
        } catch {
            return "tables: slot \(replayedUpTo + 1) can't be applied: \(error)"
        }
        if expected[hash.slot.rawValue] == hash.value { return nil }
        return "tables: the hash at slot \(hash.slot) is not that of the log's table in memory"
    }

    private mutating func replay(_ log: ChosenLog, through slot: UInt64) throws {
        while replayedUpTo < slot, Int(replayedUpTo) < log.entries.count, let entry = log.entries[Int(replayedUpTo)] {
            let next = replayedUpTo + 1
            if case .command(let bytes) = entry.content { try reference.apply(bytes: bytes, slot: next, stamp: entry.stamp.rawValue) }
            replayedUpTo = next
            if next.isMultiple(of: Self.every) { expected[next] = reference.hash }
        }
    }
}

extension ReferenceTable {
    fileprivate var hash: UInt64 {
        let rowsHash = rows.rows.reduce(UInt64(0)) { sum, row in
            let checksum = RowChecksum.of(
                id: row.id, key: row.key, value: row.value, kind: 0, createdSlot: row.createdSlot, modifiedSlot: row.modifiedSlot)
            return sum &+ checksum
        }
        return sessions.records.reduce(rowsHash) { $0 &+ RowChecksum.of($1) }
    }
}
