import KeyValue
import Paxos
import SQLite

/// What stands in a replica's table, as of its last commit, read with a connection of its own.
struct TableContents {
    private struct Row: Hashable {
        let id: UInt64
        let key: [UInt8]
        let value: [UInt8]
        let createdSlot: UInt64
        let modifiedSlot: UInt64
    }

    let appliedUpTo: Slot
    private let rows: [Row]
    private let sessions: Sessions
    private let keyCount: UInt64
    private let largestID: UInt64

    init(path: String, vfs: String) throws {
        let table = try Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: vfs)
        try table.execute("BEGIN")
        appliedUpTo = Slot(UInt64(try table.integer("SELECT applied_up_to FROM state") ?? 0))
        keyCount = UInt64(try table.integer("SELECT key_count FROM state") ?? 0)
        largestID = UInt64(try table.integer("SELECT largest_id FROM state") ?? 0)
        rows = try Self.rows(table)
        sessions = try Self.sessions(table)
    }

    private static func rows(_ table: borrowing Connection) throws -> [Row] {
        let statement = try table.prepare("SELECT id, key, value, created_slot, modified_slot FROM key_values ORDER BY id")
        var rows: [Row] = []
        while try statement.step() {
            rows.append(
                Row(
                    id: statement.unsigned(0), key: statement.bytes(1), value: statement.bytes(2), createdSlot: statement.unsigned(3),
                    modifiedSlot: statement.unsigned(4)))
        }
        return rows
    }

    private static func sessions(_ table: borrowing Connection) throws -> Sessions {
        let statement = try table.prepare("SELECT session, time_to_live, last_stamp, answered_below, results FROM sessions")
        var records: [SessionRecord] = []
        while try statement.step() {
            records.append(
                SessionRecord(
                    id: SessionID(rawValue: statement.unsigned(0)), timeToLive: statement.unsigned(1), lastStamp: statement.unsigned(2),
                    answeredBelow: statement.unsigned(3), results: statement.bytes(4)))
        }
        return try Sessions(records: records)
    }

    var content: FileCheck.Content {
        var content = FileCheck.Content()
        for row in rows { content.add(bytes: row.key.count * 2 + row.value.count) }
        for _ in 0..<sessions.count { content.add(bytes: FileCheck.Content.largeRowBytesMin) }
        return content
    }

    /// `reference` is the table that the log makes up to the same slot.
    func problems(_ reference: ReferenceTable) -> [String] {
        var problems: [String] = []
        let expected = reference.rows.rows.map {
            Row(id: $0.id, key: $0.key, value: $0.value, createdSlot: $0.createdSlot, modifiedSlot: $0.modifiedSlot)
        }
        if rows != expected {
            let different = zip(rows, expected).first { $0 != $1 }
            problems.append(
                "tables: \(rows.count) rows at slot \(appliedUpTo) are not the reference's \(expected.count)"
                    + (different.map { ": \($0) ought to be \($1)" } ?? ""))
        }
        if keyCount != reference.rows.count || largestID != reference.rows.largestID {
            problems.append("tables: \(keyCount) keys and largest id \(largestID) at slot \(appliedUpTo) are not the reference's")
        }
        if sessions != reference.sessions { problems.append("tables: the sessions at slot \(appliedUpTo) are not the reference's") }
        return problems
    }
}
