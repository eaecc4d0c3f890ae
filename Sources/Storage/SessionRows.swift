import KeyValue
import SQLite

/// The table's `sessions`, written in the same transaction as the rows that their commands changed.
struct SessionRows: ~Copyable {
    private let upsert: Statement
    private let delete: Statement

    init(_ connection: borrowing Connection) throws(SQLiteError) {
        let upsert = try connection.prepare(
            """
            INSERT OR REPLACE INTO sessions (session, time_to_live, last_stamp, answered_below, results, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        let delete = try connection.prepare("DELETE FROM sessions WHERE session = ?1")
        self.upsert = upsert
        self.delete = delete
    }

    borrowing func write(_ changes: SessionChanges) throws(SQLiteError) {
        for record in changes.changed {
            try upsert.bind(record.id.rawValue, at: 1)
            try upsert.bind(record.timeToLive, at: 2)
            try upsert.bind(record.lastStamp, at: 3)
            try upsert.bind(record.answeredBelow, at: 4)
            try upsert.bind(RowChecksum.of(record), at: 6)
            try upsert.binding(record.results, at: 5) { () throws(SQLiteError) in try upsert.run() }
        }
        for id in changes.removed {
            try delete.bind(id.rawValue, at: 1)
            try delete.run()
        }
    }

    /// Throws where a row is not what was written: a session that forgot what it applied would apply it again.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> [SessionRecord] {
        let rows = try stored(path) { () throws(SQLiteError) in try self.rows(connection) }
        if let damaged = rows.first(where: { RowChecksum.of($0.record) != $0.checksum }) {
            throw StorageError(.damaged, "\(path): the row of session \(damaged.record.id) does not match its checksum")
        }
        return rows.map(\.record)
    }

    static func rows(_ connection: borrowing Connection) throws(SQLiteError) -> [(record: SessionRecord, checksum: UInt64)] {
        let statement = try connection.prepare(
            "SELECT session, time_to_live, last_stamp, answered_below, results, checksum FROM sessions")
        var rows: [(record: SessionRecord, checksum: UInt64)] = []
        while try statement.step() {
            let record = SessionRecord(
                id: SessionID(rawValue: statement.unsigned(0)), timeToLive: statement.unsigned(1), lastStamp: statement.unsigned(2),
                answeredBelow: statement.unsigned(3), results: statement.bytes(4))
            rows.append((record, statement.unsigned(5)))
        }
        return rows
    }
}
