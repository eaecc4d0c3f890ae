import SQLite

/// Bounds what a reader that stays makes of a write-ahead log: SQLite can't begin it anew while somebody reads from it, and would go
/// on to append for ever. With too many frames in it nothing more is written until it can be begun anew.
struct LogGate {
    let framesMax: Int

    /// Before a transaction. False where the reader is still there; each call waits for it for the connection's busy timeout.
    func isOpen(_ connection: borrowing Connection) throws(SQLiteError) -> Bool {
        guard connection.framesInLog >= framesMax else { return true }
        // Empties the log, so that whoever writes next begins it anew.
        return try connection.checkpoint(.truncate).isComplete
    }
}
