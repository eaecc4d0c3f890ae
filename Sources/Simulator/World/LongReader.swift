import SQLite

/// A read transaction that stays open: no checkpoint begins the write-ahead log anew meanwhile.
final class LongReader {
    private let connection: Connection

    init(path: String, vfs: String) throws {
        connection = try Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: vfs)
        try connection.execute("BEGIN")
        _ = try connection.integer("SELECT count(*) FROM sqlite_schema")
    }
}
