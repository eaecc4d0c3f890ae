import Paxos
import SQLite

/// A snapshot while it is copied: the table's own connection is the source, so that commits go on between two steps.
struct TableBackup: ~Copyable {
    private let backup: Backup
    private let destination: Connection

    /// 1 MiB: what else the table's thread has to do waits for one step at most.
    static let pagesPerStep = 256

    /// `path` is free: what is begun there is a database only when it is done.
    init(of table: borrowing Connection, to path: String, vfs: String?) throws(SQLiteError) {
        let destination = try Connection(path: path, access: .readWrite, busyTimeout: 0, vfs: vfs)
        // Nobody else sees the file before it is whole and has been synced.
        try destination.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096")
        backup = try Backup(from: table, to: destination)
        self.destination = destination
    }

    /// True once the copy is the table as of its last commit.
    borrowing func step() throws(SQLiteError) -> Bool { try backup.step(pages: Self.pagesPerStep) }
}

/// What a snapshot holds.
struct SnapshotPoint: Hashable, Sendable {
    let slot: Slot
    let stamp: Stamp
}

extension TableFile {
    /// Nothing is applied that is not committed: SQLite does not copy while its own connection writes.
    mutating func beginBackup(to path: String, vfs: String?) throws(StorageError) {
        backup = nil
        backup = try stored(path) { () throws(SQLiteError) in try TableBackup(of: connection, to: path, vfs: vfs) }
    }

    /// Nil while there is more to copy.
    mutating func stepBackup(to path: String) throws(StorageError) -> SnapshotPoint? {
        let isDone = try stored(path) { () throws(SQLiteError) in try backup?.step() }
        guard let isDone else { throw StorageError(.busy, "\(path): the table has become another one meanwhile") }
        guard isDone else { return nil }
        backup = nil
        return SnapshotPoint(slot: committedUpTo, stamp: state.stamp)
    }
}
