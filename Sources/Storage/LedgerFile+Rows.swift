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
        try stored(path) { () throws(SQLiteError) in
            defer { readRows.reset() }
            try readRows.bind(from.rawValue, at: 1)
            try readRows.bind(through.rawValue, at: 2)
            var expected = from
            while piece.entries.count < countLimit, expected <= through {
                guard try readRows.step() else {
                    piece.endsAtGap = true
                    return
                }
                if stopsAtGap, Slot(readRows.unsigned(0)) != expected {
                    piece.endsAtGap = true
                    return
                }
                guard let slotted = LogRow.entry(readRows) else {
                    piece.damaged = Slot(readRows.unsigned(0))
                    return
                }
                byteCount += slotted.entry.byteCount
                if byteCount > byteLimit, !piece.entries.isEmpty { return }
                piece.entries.append(slotted)
                expected = slotted.slot.next
            }
        }
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
        let slot = try stored(path) { () throws(SQLiteError) in try connection.integer("SELECT max(slot) FROM log") ?? 0 }
        return Slot(UInt64(bitPattern: slot))
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
