import KeyValue
import Paxos
import SQLite

/// The shard's keys and values in the table's file. Whatever is thrown is an `SQLiteError`.
///
/// A class, since the state machine's rows are copyable and statements are not; confined to the table's executor.
final class SQLiteRows: Rows {
    private(set) var count: UInt64
    private(set) var largestID: UInt64
    private let selectValue: Statement
    private let selectLength: Statement
    private let selectPage: Statement
    private let upsert: Statement
    private let delete: Statement

    /// The only kind of value so far.
    private static let stringKind: Int64 = 0

    init(_ connection: borrowing Connection, count: UInt64, largestID: UInt64) throws(SQLiteError) {
        self.count = count
        self.largestID = largestID
        selectValue = try connection.prepare("SELECT value FROM key_values WHERE key = ?1")
        selectLength = try connection.prepare("SELECT length(value) FROM key_values WHERE key = ?1")
        selectPage = try connection.prepare("SELECT id, key FROM key_values WHERE id > ?1 ORDER BY id LIMIT ?2")
        upsert = try connection.prepare(
            """
            INSERT INTO key_values (id, key, value, kind, created_slot, modified_slot) VALUES (?4, ?1, ?2, ?5, ?3, ?3)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, modified_slot = excluded.modified_slot, expires_at = NULL
            """)
        delete = try connection.prepare("DELETE FROM key_values WHERE key = ?1")
    }

    func value(of key: [UInt8]) throws -> [UInt8]? {
        try selectValue.binding(key, at: 1) { () throws(SQLiteError) in
            try selectValue.step() ? selectValue.bytes(0) : nil
        }
    }

    func length(of key: [UInt8]) throws -> Int? {
        try selectLength.binding(key, at: 1) { () throws(SQLiteError) in
            try selectLength.step() ? Int(selectLength.integer(0)) : nil
        }
    }

    /// One upsert: against an update followed by an insert where it changed nothing, over 100,000 keys of 16 bytes with values of 256
    /// and 4,096 puts a commit, it costs the same on existing keys (13.5 µs CPU) and less on new ones (4.2 against 5.0 µs).
    func put(_ key: [UInt8], _ value: [UInt8], slot: UInt64) throws {
        let inserted = try value.span.withUnsafeBytes { (value) throws(SQLiteError) in
            try upsert.binding(key, at: 1) { () throws(SQLiteError) in
                try upsert.bind(value, at: 2)
                try upsert.bind(slot, at: 3)
                try upsert.bind(largestID + 1, at: 4)
                try upsert.bind(Self.stringKind, at: 5)
                return try upsert.runInserting()
            }
        }
        if inserted {
            largestID += 1
            count += 1
        }
    }

    func remove(_ key: [UInt8]) throws -> Bool {
        let removed = try delete.binding(key, at: 1) { () throws(SQLiteError) in try delete.runCounting() }
        invariant(removed <= 1, "a key has one row")
        count -= UInt64(removed)
        return removed == 1
    }

    func keys(after id: UInt64, limit: Int) throws -> [(id: UInt64, key: [UInt8])] {
        var found: [(id: UInt64, key: [UInt8])] = []
        defer { selectPage.reset() }
        try selectPage.bind(min(id, UInt64(Int64.max)), at: 1)
        try selectPage.bind(Int64(limit), at: 2)
        while try selectPage.step() { found.append((selectPage.unsigned(0), selectPage.bytes(1))) }
        return found
    }
}
