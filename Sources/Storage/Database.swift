import SQLite

/// Opens a file of ours: made, checked, and brought to this version's schema.
enum Database {
    /// How long one call of SQLite waits for another program's lock.
    static let busySliceMilliseconds = 250
    /// How long a read waits: no program holds what a reader needs for longer than a moment.
    static let busyReadingMilliseconds = 5000
    /// How long opening waits for it.
    private static let busyOpeningMilliseconds = 10_000

    /// The connection waits long for locks: whoever goes on to serve sets `busySliceMilliseconds`.
    static func open(_ path: String, _ kind: DatabaseKind, vfs: String?) throws(StorageError) -> Connection {
        let connection = try stored(path) { () throws(SQLiteError) in
            try Connection(path: path, access: .readWrite, busyTimeout: Int32(busyOpeningMilliseconds), vfs: vfs)
        }
        try Schema.check(connection, path, kind)
        let mode = try stored(path) { () throws(SQLiteError) in
            if try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 { try connection.execute(kind.creationPragmas) }
            // From here on a reader never waits for a writer, nor a writer for a reader; the mode stays in the file.
            let mode = try connection.text("PRAGMA journal_mode = WAL")
            try connection.execute(kind.pragmas)
            return mode
        }
        guard mode == "wal" else { throw StorageError(.inputOutput, "\(path): this file system can't hold a write-ahead log") }
        try Schema.upgrade(connection, path, kind)
        return connection
    }
}

/// Turns what SQLite says about the file at `path` into the line that a person reads.
func stored<Result: ~Copyable>(
    _ path: String, _ body: () throws(SQLiteError) -> Result
) throws(StorageError) -> Result {
    do throws(SQLiteError) {
        return try body()
    } catch {
        throw StorageError(error, path: path)
    }
}
