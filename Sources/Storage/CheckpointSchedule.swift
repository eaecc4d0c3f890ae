import SQLite

/// Bounds the write-ahead log: a passive checkpoint, on the connection that writes, whenever the log has grown by so many frames.
/// SQLite starts the log anew at the next commit when a checkpoint copied everything and no reader stands in it; a reader
/// that stays (a shell in a transaction) makes it grow until it leaves.
struct CheckpointSchedule {
    private let interval: Int
    private var due: Int

    init(every interval: Int) {
        self.interval = interval
        due = interval
    }

    /// After each commit; outside of any transaction. Nil where none is due.
    @discardableResult
    mutating func run(_ connection: borrowing Connection) throws(SQLiteError) -> Checkpoint? {
        let frames = connection.framesInLog
        // The log was started anew since: count from its beginning again.
        if frames < due - interval { due = interval }
        guard frames >= due else { return nil }
        return try runNow(connection)
    }

    mutating func runNow(_ connection: borrowing Connection) throws(SQLiteError) -> Checkpoint {
        let frames = connection.framesInLog
        let checkpoint = try connection.checkpoint(.passive)
        due = checkpoint.isComplete ? interval : frames + interval
        if due <= frames { due = frames + interval }
        return checkpoint
    }
}
