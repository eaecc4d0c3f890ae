import CSQLite

/// Owns SQLite's connection; a transaction holds on to it too, so that neither outlives the other.
final class DatabaseHandle {
    let pointer: OpaquePointer
    /// Frames in the write-ahead log after the last commit, as SQLite told us.
    private(set) var framesInLog = 0
    /// Commits that wrote something.
    private(set) var commitCount = 0
    // Parsed once: a ledger begins and commits at every turn.
    private var beginStatement: OpaquePointer?
    private var commitStatement: OpaquePointer?

    init(pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        sqlite3_wal_hook(pointer, nil, nil)
        sqlite3_finalize(beginStatement)
        sqlite3_finalize(commitStatement)
        // Statements that still stand keep the connection until they are finalized; an open transaction is rolled back.
        sqlite3_close_v2(pointer)
    }

    /// Takes the place of SQLite's own automatic checkpoints (there is one hook): only counts, and the owner decides when to checkpoint.
    func watchCommits() {
        sqlite3_wal_hook(
            pointer,
            { context, _, _, frames in
                guard let context else { return SQLITE_OK }
                let handle = Unmanaged<DatabaseHandle>.fromOpaque(context).takeUnretainedValue()
                handle.framesInLog = Int(frames)
                handle.commitCount += 1
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func begin() throws(SQLiteError) {
        if beginStatement == nil { beginStatement = try prepare("BEGIN IMMEDIATE") }
        try run(beginStatement)
    }

    func commit() throws(SQLiteError) {
        if commitStatement == nil { commitStatement = try prepare("COMMIT") }
        try run(commitStatement)
    }

    /// Rolling back cannot fail in a way that leaves the transaction open, so its result says nothing.
    func rollBack() {
        if sqlite3_get_autocommit(pointer) == 0 { sqlite3_exec(pointer, "ROLLBACK", nil, nil, nil) }
    }

    func prepare(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(pointer, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw SQLiteError(code: code, database: pointer) }
        return statement
    }

    func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw SQLiteError(code: code, database: pointer) }
    }

    private func run(_ statement: OpaquePointer?) throws(SQLiteError) {
        let code = sqlite3_step(statement)
        if code == SQLITE_DONE {
            sqlite3_reset(statement)
            return
        }
        let error = SQLiteError(code: code, database: pointer)
        sqlite3_reset(statement)
        throw error
    }
}
