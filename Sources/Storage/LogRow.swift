import Paxos
import SQLite

/// One row of the ledger's `log_rows`, and how it is checked.
enum LogRow {
    /// As the view `log` has them, too.
    static let columns = "slot, ballot_round, ballot_node, stamp, kind, payload, checksum"

    /// The place is the row id, so this writes over what lies there: in the same page, where it is of the same size.
    static let write = "INSERT OR REPLACE INTO log_rows (\(columns), place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"

    /// From a place on, without an end: where rows are not in the order of their places, the file is damaged, and that has to be seen.
    static let read = "SELECT \(columns), place FROM log_rows WHERE place >= ?1 ORDER BY place"

    static func write(_ slotted: SlottedEntry, at place: Int64, with statement: borrowing Statement) throws(SQLiteError) {
        let entry = slotted.entry
        invariant(slotted.slot > .none, "the log begins at slot 1")
        try statement.bind(slotted.slot.rawValue, at: 1)
        try statement.bind(entry.ballot.round, at: 2)
        try statement.bind(Int64(entry.ballot.node.rawValue), at: 3)
        try statement.bind(entry.stamp.rawValue, at: 4)
        try statement.bind(Int64(entry.content.kind), at: 5)
        try statement.bind(entry.checksum(at: slotted.slot), at: 7)
        try statement.bind(place, at: 8)
        try statement.binding(entry.content.payload, at: 6) { () throws(SQLiteError) in try statement.run() }
    }

    /// The row that a query for `columns` stands on; nil where it is not what was written.
    static func entry(_ row: borrowing Statement) -> SlottedEntry? {
        let slot = Slot(row.unsigned(0))
        guard let node = UInt16(exactly: row.integer(2)), let kind = UInt8(exactly: row.integer(4)),
            let content = Entry.Content(kind: kind, payload: row.bytes(5))
        else { return nil }
        let entry = Entry(
            ballot: Ballot(round: row.unsigned(1), node: NodeID(rawValue: node)), stamp: Stamp(rawValue: row.unsigned(3)), content: content)
        return entry.checksum(at: slot) == row.unsigned(6) ? SlottedEntry(slot: slot, entry: entry) : nil
    }
}
