import CSQLite

/// Copies a database, page by page, into another file while its own connection goes on to write it
/// (<https://www.sqlite.org/c3ref/backup_finish.html>).
///
/// What the source's connection commits between two steps reaches the copy too, so that it is as of the last step. What another
/// connection commits makes it begin anew. Ends with the value; a copy that is not done then is none.
package struct Backup: ~Copyable {
    private let pointer: OpaquePointer
    // Neither is closed before the backup has ended.
    private let source: DatabaseHandle
    private let destination: DatabaseHandle

    /// Both connections are used by the thread that steps, and `destination` for nothing else.
    package init(from source: borrowing Connection, to destination: borrowing Connection) throws(SQLiteError) {
        guard let pointer = sqlite3_backup_init(destination.database.pointer, "main", source.database.pointer, "main") else {
            throw SQLiteError(code: sqlite3_extended_errcode(destination.database.pointer), database: destination.database.pointer)
        }
        self.pointer = pointer
        self.source = source.database
        self.destination = destination.database
    }

    deinit {
        sqlite3_backup_finish(pointer)
    }

    /// Copies at most `pages` more; true once all are copied. Throws `busy` where the source's connection is in a write transaction.
    package borrowing func step(pages: Int) throws(SQLiteError) -> Bool {
        switch sqlite3_backup_step(pointer, Int32(pages)) {
        case SQLITE_OK: return false
        case SQLITE_DONE: return true
        case let code: throw SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
        }
    }
}
