import SQLite

/// Finds out that somebody has deleted or replaced a database file or its write-ahead log while it is open. What is written then goes
/// into a file without a name: lost with the process, and nobody says so.
struct FileWatch {
    private let path: String
    private let fileSystem: any StorageFileSystem
    private let file: FileNumber?
    /// Known once there is a log.
    private var log: FileNumber?

    /// The file is open, and whatever has its name is what was opened.
    init(path: String, _ fileSystem: any StorageFileSystem) {
        self.path = path
        self.fileSystem = fileSystem
        file = fileSystem.fileNumber(of: path)
        log = fileSystem.fileNumber(of: path + "-wal")
    }

    /// Throws where a name is gone or another file's; first everything in the write-ahead log is copied into the database file, on the
    /// connection that writes, so that a deleted log costs nothing. Outside of any transaction.
    mutating func check(_ connection: borrowing Connection) throws(StorageError) {
        guard fileSystem.fileNumber(of: path) == file else {
            throw StorageError(
                .inputOutput,
                "\(path) was deleted or replaced while in use: what was written to it since is not in the file that has its name now")
        }
        let found = fileSystem.fileNumber(of: path + "-wal")
        if log == nil { log = found }
        guard found != log else { return }
        let checkpoint = try stored(path) { () throws(SQLiteError) in try connection.checkpoint(.truncate) }
        let outcome =
            checkpoint.frames == checkpoint.copied
            ? "all of it has been saved; start again" : "\(checkpoint.copied) of \(checkpoint.frames) pages could be saved"
        throw StorageError(.inputOutput, "\(path)-wal was deleted or replaced while in use: \(outcome)")
    }
}
