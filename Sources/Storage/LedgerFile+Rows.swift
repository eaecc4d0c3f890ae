import Paxos
import SQLite

/// Reading the log.
extension LedgerFile {
    /// Rows without a gap, and the first behind them that is not what was written.
    struct Piece {
        var entries: [SlottedEntry] = []
        var damaged: Slot?
        /// It ends before a slot that has no row.
        var endsAtGap = false
    }

    /// The rows from `from` to at most `through`, ascending; stops before a row that would make it more than `byteLimit` bytes or
    /// `countLimit` rows (but gives one), before a damaged one, and, if `stopsAtGap`, before a slot without a row. Empty where `from`
    /// has been given up.
    borrowing func piece(
        from: Slot, through: Slot, byteLimit: Int = .max, countLimit: Int = .max, stopsAtGap: Bool = true
    ) throws(StorageError) -> Piece {
        var piece = Piece()
        guard from > acceptor.compactedUpTo else { return piece }
        var byteCount = 0
        var misplaced: Slot?
        try stored(path) { () throws(SQLiteError) in
            var expected = from
            var isFull = from > through
            for segment in places.segments(from: from) {
                let start = max(from, places.firstSlot(of: segment))
                if isFull || piece.damaged != nil || start > through || stopsAtGap && start != expected { break }
                try places.scan(segment, from: start, compactedUpTo: acceptor.compactedUpTo, with: readRows) {
                    (slot, finding) throws(SQLiteError) in
                    guard slot <= through, !stopsAtGap || slot == expected else { return false }
                    switch finding {
                    case .leftover: return !stopsAtGap
                    case .damaged(let slotOfRow):
                        piece.damaged = slot
                        misplaced = slotOfRow
                        return false
                    case .row(let slotted):
                        byteCount += slotted.entry.byteCount
                        isFull = byteCount > byteLimit && !piece.entries.isEmpty
                        if isFull { return false }
                        piece.entries.append(slotted)
                        expected = slot.next
                        isFull = expected > through || piece.entries.count >= countLimit
                        return !isFull
                    }
                }
            }
            piece.endsAtGap = !isFull && piece.damaged == nil
        }
        // What was accepted there is nowhere else.
        if let misplaced, misplaced > acceptor.chosenUpTo { throw damage(at: misplaced) }
        return piece
    }

    /// As `piece`; throws where a row is damaged: only for rows that this replica can't do without.
    borrowing func entries(
        from: Slot, through: Slot, byteLimit: Int = .max, countLimit: Int = .max, stopsAtGap: Bool = true
    ) throws(StorageError) -> [SlottedEntry] {
        let piece = try piece(from: from, through: through, byteLimit: byteLimit, countLimit: countLimit, stopsAtGap: stopsAtGap)
        if let damaged = piece.damaged { throw damage(at: damaged) }
        return piece.entries
    }

    /// The newest slot that has a row; 0 where none has.
    borrowing func lastSlot() throws(StorageError) -> Slot {
        try stored(path) { () throws(SQLiteError) in
            for segment in places.segments.reversed() {
                let (rows, first, last) = (places.places(of: segment), places.firstSlot(of: segment), places.lastSlot(of: segment))
                let newest = try connection.integer(
                    """
                    SELECT max(slot) FROM log_rows
                    WHERE place >= \(rows.lowerBound) AND place < \(rows.upperBound) AND slot BETWEEN \(first) AND \(last)
                    """)
                if let newest { return Slot(UInt64(newest)) }
            }
            return .none
        }
    }

    /// What the core starts from, once the table is applied up to `appliedUpTo`.
    borrowing func state(appliedUpTo: Slot) throws(StorageError) -> LedgerState {
        let genesis = try Members.genesis(connection, path)
        let configurations = try Members.configurations(connection, path)
        // The table may know more: what was applied is chosen, and the ledger does not sync for that alone.
        let chosenUpTo = max(acceptor.chosenUpTo, appliedUpTo)
        return LedgerState(
            identity: identity, promise: acceptor.promise, chosenUpTo: chosenUpTo,
            membership: Membership(stage: acceptor.stage, genesis: genesis), configurations: configurations,
            entries: try entries(from: chosenUpTo.next, through: Slot(UInt64(Int64.max)), stopsAtGap: false),
            compactedUpTo: acceptor.compactedUpTo, stampAtChosen: try stamp(at: chosenUpTo), origin: origin)
    }

    /// Of the entry at `slot`, or of the newest below whose stamp is known: stamps never decrease along the log.
    private borrowing func stamp(at slot: Slot) throws(StorageError) -> Stamp {
        let stamp = try piece(from: slot, through: slot).entries.first?.entry.stamp
        return max(stamp ?? .zero, acceptor.compactedStamp)
    }

    borrowing func damage(at slot: Slot) -> StorageError {
        StorageError(
            .damaged,
            "\(path): the log's row at slot \(slot) does not match its checksum: it may have been accepted; \(StorageError.mustNotVote(path))"
        )
    }
}
