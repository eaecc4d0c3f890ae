import Paxos
import Replica
import SQLite

/// Chosen rows that a disk has changed or lost. Others have them too, and nobody asks this replica what it accepted there: it
/// gives them up. A row that is not known to be chosen is another matter: the replica has forgotten what it accepted.
extension LedgerFile {
    /// What a peer is answered, and a line for a person where something was found.
    struct Served {
        let rows: LogRows
        let notice: String?
    }

    mutating func serve(_ request: LedgerRead) throws(StorageError) -> Served {
        let piece = try piece(from: request.from, through: request.through, byteLimit: request.byteLimit)
        var notice: String?
        if let slot = try damagedSlot(piece, request), slot > compaction.damagedUpTo {
            compaction.damagedUpTo = slot
            notice = "\(path): the log's row at slot \(slot) is not what was written; peers have it, and this replica gives it up"
        }
        // Only what the table holds durably may be missing: what follows waits for the next checkpoint of the table.
        let damaged = min(compaction.damagedUpTo, compaction.durableUpTo)
        if damaged > acceptor.compactedUpTo { try giveUp(upTo: damaged) }
        let entries = request.from > acceptor.compactedUpTo ? piece.entries : []
        return Served(rows: LogRows(entries: entries, compactedUpTo: acceptor.compactedUpTo), notice: notice)
    }

    private borrowing func damagedSlot(_ piece: Piece, _ request: LedgerRead) throws(StorageError) -> Slot? {
        if let damaged = piece.damaged {
            guard damaged <= acceptor.chosenUpTo else { throw damage(at: damaged) }
            return damaged
        }
        guard piece.endsAtGap, request.from > acceptor.compactedUpTo else { return nil }
        let missing = piece.entries.last?.slot.next ?? request.from
        return missing <= acceptor.chosenUpTo ? missing : nil
    }

    /// The newest chosen slot above `slot` whose row is missing or not what was written. A table that ends below it has to become that
    /// of a snapshot at it or above.
    borrowing func newestChosenDamage(above slot: Slot) throws(StorageError) -> Slot? {
        var newest: Slot?
        var next = max(slot, acceptor.compactedUpTo).next
        while next <= acceptor.chosenUpTo {
            let piece = try piece(from: next, through: acceptor.chosenUpTo, byteLimit: 1 << 20, countLimit: 4096)
            next = piece.entries.last?.slot.next ?? next
            guard piece.damaged != nil || piece.endsAtGap else { continue }
            newest = next
            next = next.next
        }
        return newest
    }

    /// From now on the log begins behind `slot`; the rows are not needed any more. Synced.
    mutating func giveUp(upTo slot: Slot) throws(StorageError) {
        try stored(path) { () throws(SQLiteError) in
            let step = try step(through: slot)
            try change { $0.giveUp(step) }
        }
    }
}
