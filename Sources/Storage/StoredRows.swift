import KeyValue
import SQLite

/// What is asked of a row before it is written again.
struct StoredRow: Hashable, Sendable {
    let id: UInt64
    let createdSlot: UInt64
    let checksum: UInt64
}

/// The rows of a table's file, read by a connection of their own: what is read never waits for what is written.
final class StoredRows {
    private let connection: Connection
    private let begin: Statement
    private let end: Statement
    private let selectRow: Statement
    private let selectValue: Statement
    private let selectLength: Statement
    private let selectPage: Statement

    /// The file is open, and so is whole. Mapped, pages are looked at where the system has them, which is for many look-ups at a start:
    /// where somebody cuts a file that is mapped, the process ends without a word.
    init(path: String, isMapped: Bool = false, vfs: String?) throws(SQLiteError) {
        connection = try Connection(
            path: path, access: .readOnly, busyTimeout: Int32(Database.busyReadingMilliseconds), vfs: vfs)
        try connection.execute("PRAGMA cache_size = -16384")
        if isMapped { try connection.execute("PRAGMA mmap_size = \(Self.mappedBytesMax)") }
        begin = try connection.prepare("BEGIN")
        end = try connection.prepare("COMMIT")
        selectRow = try connection.prepare("SELECT id, created_slot, checksum FROM key_values WHERE key = ?1")
        selectValue = try connection.prepare(
            "SELECT id, created_slot, checksum, kind, modified_slot, value FROM key_values WHERE key = ?1")
        selectLength = try connection.prepare("SELECT length(value) FROM key_values WHERE key = ?1")
        selectPage = try connection.prepare("SELECT id, key FROM key_values WHERE id > ?1 ORDER BY id LIMIT ?2")
    }

    func sessions(_ path: String) throws(StorageError) -> [SessionRecord] { try SessionRows.read(connection, path) }

    /// SQLite's own bound.
    private static let mappedBytesMax = 0x7FFF_0000

    /// Only between `endReading` and `beginReading`.
    func unmap() throws(SQLiteError) { try connection.execute("PRAGMA mmap_size = 0") }

    func beginReading() throws(SQLiteError) { try begin.run() }

    func endReading() throws(SQLiteError) { try end.run() }

    func row(of key: [UInt8]) throws(SQLiteError) -> StoredRow? {
        try selectRow.binding(key, at: 1) { () throws(SQLiteError) in
            guard try selectRow.step() else { return nil }
            return StoredRow(id: selectRow.unsigned(0), createdSlot: selectRow.unsigned(1), checksum: selectRow.unsigned(2))
        }
    }

    /// Checked: a row that the disk has changed is never an answer.
    func value(of key: [UInt8]) throws(SQLiteError) -> [UInt8]? {
        try selectValue.binding(key, at: 1) { () throws(SQLiteError) in
            guard try selectValue.step() else { return nil }
            return try selectValue.withBytes(5) { (value) throws(SQLiteError) in
                let checksum = RowChecksum.of(
                    id: selectValue.unsigned(0), key: key, value: value, kind: selectValue.integer(3),
                    createdSlot: selectValue.unsigned(1), modifiedSlot: selectValue.unsigned(4))
                guard checksum == selectValue.unsigned(2) else { throw .damagedRow(id: selectValue.unsigned(0), of: "key_values") }
                return [UInt8](value)
            }
        }
    }

    func length(of key: [UInt8]) throws(SQLiteError) -> Int? {
        try selectLength.binding(key, at: 1) { () throws(SQLiteError) in
            try selectLength.step() ? Int(selectLength.integer(0)) : nil
        }
    }

    /// Ascending by id.
    func keys(after id: UInt64, limit: Int) throws(SQLiteError) -> [(id: UInt64, key: [UInt8])] {
        var found: [(id: UInt64, key: [UInt8])] = []
        defer { selectPage.reset() }
        try selectPage.bind(min(id, UInt64(Int64.max)), at: 1)
        try selectPage.bind(Int64(limit), at: 2)
        while try selectPage.step() { found.append((selectPage.unsigned(0), selectPage.bytes(1))) }
        return found
    }
}

extension StoredRows {
    /// What `check` reads.
    static let checkedColumns = "id, key, kind, created_slot, modified_slot, checksum, value"

    /// Of the row that a query for `checkedColumns` stands on: its checksum, and the bytes of key and value.
    static func check(_ row: borrowing Statement) throws(SQLiteError) -> (checksum: UInt64, byteCount: Int) {
        let key = row.bytes(1)
        return try row.withBytes(6) { (value) throws(SQLiteError) in
            let checksum = RowChecksum.of(
                id: row.unsigned(0), key: key, value: value, kind: row.integer(2), createdSlot: row.unsigned(3),
                modifiedSlot: row.unsigned(4))
            guard checksum == row.unsigned(5) else { throw .damagedRow(id: row.unsigned(0), of: "key_values") }
            return (checksum, key.count + value.count)
        }
    }
}
