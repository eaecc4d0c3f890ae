import CSQLite

/// A connection to one database file; closed when it goes. Used by one thread at a time.
package struct Connection: ~Copyable {
    package enum Access: Hashable, Sendable {
        /// Reads and writes; makes the file where there is none.
        case readWrite
        /// Reads. SQLite may make the file's `-shm` where a write-ahead log has none.
        case readOnly
        /// Reads a file that nobody writes and that has no write-ahead log: takes no lock, makes no file.
        case immutable
    }

    let database: DatabaseHandle

    /// `busyTimeout` is how long one call waits for another connection's lock, in milliseconds; `vfs` names the SQLite virtual file
    /// system that the file is in, nil being the operating system's.
    package init(path: String, access: Access, busyTimeout: Int32, vfs: String? = nil) throws(SQLiteError) {
        var pointer: OpaquePointer?
        let code = sqlite3_open_v2(Self.locator(path, access), &pointer, Self.flags(access), vfs)
        guard code == SQLITE_OK, let pointer else {
            let error = SQLiteError(code: code, database: pointer)
            sqlite3_close_v2(pointer)
            throw error
        }
        let database = DatabaseHandle(pointer: pointer)
        // A damaged or hostile schema must not make us run or overwrite anything.
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] as [(Int32, Int32)] {
            try database.check(decree_sqlite3_db_config(pointer, option, value))
        }
        try database.check(sqlite3_busy_timeout(pointer, busyTimeout))
        database.watchCommits()
        self.database = database
    }

    /// Runs one or several statements that return no rows that anybody wants.
    package borrowing func execute(_ sql: String) throws(SQLiteError) {
        try database.check(sqlite3_exec(database.pointer, sql, nil, nil, nil))
    }

    /// Parses a statement, to be kept and run many times.
    package borrowing func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        Statement(try database.prepare(sql))
    }

    /// Begins a write transaction; throws `busy` where another connection holds the lock for longer than the busy timeout.
    package borrowing func begin() throws(SQLiteError) -> Transaction {
        try Transaction(database)
    }

    /// The first column of the first row; nil where there is none.
    package borrowing func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row; nil where there is none. Runs the statement to its end: a pragma that writes commits only
    /// then, and says only then that it could not.
    package borrowing func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try prepare(sql)
        guard try statement.step() else { return nil }
        let text = statement.text(0)
        while try statement.step() {}
        return text
    }

    package borrowing func setBusyTimeout(milliseconds: Int32) {
        sqlite3_busy_timeout(database.pointer, milliseconds)
    }

    /// Frames in the write-ahead log after this connection's last commit.
    package var framesInLog: Int { database.framesInLog }
    /// Commits by this connection that wrote something.
    package var commitCount: Int { database.commitCount }

    /// Copies pages from the write-ahead log into the database file and syncs both.
    package borrowing func checkpoint(_ mode: Checkpoint.Mode) throws(SQLiteError) -> Checkpoint {
        var frames: Int32 = 0
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(database.pointer, nil, mode.rawValue, &frames, &copied)
        if code & 0xFF != SQLITE_BUSY { try database.check(code) }
        return Checkpoint(isBusy: code != SQLITE_OK, frames: Int(frames), copied: Int(copied))
    }

    private static func flags(_ access: Access) -> Int32 {
        let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI
        return common | (access == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY)
    }

    /// A `file:` locator, with everything escaped that would mean something in one.
    private static func locator(_ path: String, _ access: Access) -> String {
        // With an authority, empty, so that a path may begin with two slashes.
        var locator = path.utf8.first == UInt8(ascii: "/") ? "file://" : "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"), 0x80...0xFF: locator += "%" + String(byte, radix: 16)
            default: locator.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return access == .immutable ? locator + "?immutable=1" : locator
    }
}

/// What a checkpoint came to.
package struct Checkpoint: Hashable, Sendable {
    package enum Mode: Sendable {
        /// As much as is possible without waiting for anybody.
        case passive
        /// Waits for readers and writers (up to the busy timeout), then empties the log file.
        case truncate

        fileprivate var rawValue: Int32 { self == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE }
    }

    package let isBusy: Bool
    /// Frames in the write-ahead log; -1 where there is no such log.
    package let frames: Int
    /// Frames of the log that are in the database file now.
    package let copied: Int

    /// Only then does the database file, synced, hold every commit before the checkpoint.
    package var isComplete: Bool { !isBusy && frames >= 0 && frames == copied }
}
