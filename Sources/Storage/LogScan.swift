import Paxos
import SQLite

/// What stands in a slot's place.
enum LogFinding {
    case row(SlottedEntry)
    /// A row of an older slot, given up and not written over yet: the slot has none.
    case leftover
    /// Neither. Where it is a sound row that belongs elsewhere, with its slot.
    case damaged(misplaced: Slot?)
}

/// Reading the rows of a segment.
extension LogPlaces {
    /// Calls `found` for each place with a row from `slot` on, ascending, with the slot that has its place there, until that says false.
    ///
    /// A row may only be taken for a leftover where its checksum holds for a slot that has been given up: what was accepted must not be
    /// taken for absent because a disk has changed its slot. Nor because it has changed a place: SQLite, which looks for places, may then
    /// miss the rows that follow.
    func scan(
        _ segment: Segment, from slot: Slot, compactedUpTo: Slot, with rows: borrowing Statement,
        _ found: (Slot, LogFinding) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) {
        defer { rows.reset() }
        let places = places(of: segment)
        var next = place(of: slot, in: segment)
        try rows.bind(next, at: 1)
        while next < places.upperBound, try rows.step() {
            let place = rows.integer(7)
            let isWithin = (next..<places.upperBound).contains(place)
            let expected = firstSlot(of: segment).advanced(by: Int((isWithin ? place : next) - places.lowerBound))
            guard place >= next else {
                _ = try found(expected, .damaged(misplaced: nil))
                return
            }
            guard isWithin else {
                if let damage = try behind(place, compactedUpTo, rows) { _ = try found(expected, damage) }
                return
            }
            guard try found(expected, finding(rows, at: expected, compactedUpTo)) else { return }
            next = place + 1
        }
    }

    private func finding(_ row: borrowing Statement, at expected: Slot, _ compactedUpTo: Slot) -> LogFinding {
        guard let slotted = LogRow.entry(row) else { return .damaged(misplaced: nil) }
        if slotted.slot == expected { return .row(slotted) }
        let fits =
            number(of: slotted.slot) < number(of: expected) && slotted.slot.rawValue % UInt64(slots) == expected.rawValue % UInt64(slots)
        return fits && slotted.slot <= compactedUpTo ? .leftover : .damaged(misplaced: slotted.slot)
    }

    /// The first row behind a segment, on which `row` stands, has to be where it belongs, and the one after it behind it.
    private func behind(_ place: Int64, _ compactedUpTo: Slot, _ row: borrowing Statement) throws(SQLiteError) -> LogFinding? {
        if let slotted = LogRow.entry(row), slotted.slot > compactedUpTo, self.place(of: slotted.slot) != place {
            return .damaged(misplaced: slotted.slot)
        }
        return try row.step() && row.integer(7) <= place ? .damaged(misplaced: nil) : nil
    }
}
