import SQLite

/// Reads a file without leaving a trace.
///
/// A file with a write-ahead log beside it is opened read-only: SQLite locks it as every reader does, and such a connection can't
/// checkpoint the log or delete it when it closes. A file without one belongs to nobody (a running node always has one):
/// opened in the usual way it would be given one, so it is read as immutable.
enum Reading {
    private static let attemptsMax = 10

    /// `body` sees the file as of one moment. Nil where there is no file, or an empty one.
    static func file<Result>(
        _ path: String, _ kind: DatabaseKind, _ body: (borrowing Connection) throws(StorageError) -> Result
    ) throws(StorageError) -> Result? {
        for _ in 0..<attemptsMax {
            guard FileSystem.exists(path) else { return nil }
            if hasLog(path) { return try read(path, .readOnly, kind, body) }
            // A node that started meanwhile may have changed the file under us: then what was read, or failed, means nothing.
            let outcome = outcome { () throws(StorageError) in try read(path, .immutable, kind, body) }
            if !hasLog(path) { return try outcome.get() }
        }
        throw StorageError(.busy, "\(path): the node starts and stops too often for it to be read")
    }

    private static func hasLog(_ path: String) -> Bool { FileSystem.exists(path + "-wal") }

    private static func read<Result>(
        _ path: String, _ access: Connection.Access, _ kind: DatabaseKind, _ body: (borrowing Connection) throws(StorageError) -> Result
    ) throws(StorageError) -> Result? {
        let connection = try stored(path) { () throws(SQLiteError) in
            let connection = try Connection(path: path, access: access, busyTimeout: Int32(Database.busySliceMilliseconds))
            try connection.execute("BEGIN")
            return connection
        }
        let version = try Schema.check(connection, path, kind)
        return version == 0 ? nil : try body(connection)
    }

    private static func outcome<Result>(_ body: () throws(StorageError) -> Result) -> Swift.Result<Result, StorageError> {
        do throws(StorageError) { return .success(try body()) } catch { return .failure(error) }
    }
}
