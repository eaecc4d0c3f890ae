import Paxos
import SQLite

/// What is done to a table's file that is nobody's: when a snapshot is made of it, and when a table is made of a snapshot.
enum SnapshotFile {
    /// A copy as the backup left it becomes a file of its own: no write-ahead log, no room that nobody uses, and the configurations
    /// that were chosen up to its slot.
    static func finish(_ path: String, _ configurations: [ChosenConfiguration], vfs: String?) throws(StorageError) {
        let mode = try changing(path, vfs) { (connection) throws(SQLiteError) in
            let mode = try connection.text("PRAGMA journal_mode = DELETE")
            try connection.execute("PRAGMA synchronous = OFF")
            try write(configurations, connection)
            let free = try connection.integer("PRAGMA freelist_count") ?? 0
            let all = try connection.integer("PRAGMA page_count") ?? 0
            if free > all / 8 { try connection.execute("PRAGMA incremental_vacuum") }
            return mode
        }
        guard mode == "delete" else { throw StorageError(.busy, "\(path) is open in another program") }
    }

    /// It becomes the table of this life of this replica; durable on return, under the name that it has.
    static func adopt(
        _ path: String, as state: TableState, forgetsSessions: Bool = false, _ medium: StorageMedium
    ) throws(StorageError) {
        try changing(path, medium.vfs) { (connection) throws(SQLiteError) in
            try connection.execute("PRAGMA synchronous = FULL")
            let transaction = try connection.begin()
            try connection.execute("DELETE FROM configurations")
            if forgetsSessions { try connection.execute("DELETE FROM sessions") }
            try state.writeOwner(connection)
            try transaction.commit()
        }
        try medium.fileSystem.sync(path)
    }

    private static func write(_ configurations: [ChosenConfiguration], _ connection: borrowing Connection) throws(SQLiteError) {
        let transaction = try connection.begin()
        try connection.execute("DELETE FROM configurations")
        for configuration in configurations { try Members.write(configuration, connection) }
        try transaction.commit()
    }

    private static func changing<Result>(
        _ path: String, _ vfs: String?, _ body: (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(StorageError) -> Result {
        try stored(path) { () throws(SQLiteError) in
            let connection = try Connection(path: path, access: .readWrite, busyTimeout: 0, vfs: vfs)
            return try body(connection)
        }
    }
}
