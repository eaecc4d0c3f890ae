import SQLite

/// What the databases are in: the operating system's files, or a simulation of them.
package struct StorageMedium: Sendable {
    /// The name of the SQLite virtual file system that the databases are opened in; nil is the operating system's.
    package let vfs: String?
    /// The same, for a table's writer, which must not keep ledgers waiting for the disk.
    let pacedVFS: String?
    package let fileSystem: any StorageFileSystem
    package let limits: StorageLimits

    package init(vfs: String?, pacedVFS: String? = nil, fileSystem: any StorageFileSystem, limits: StorageLimits = StorageLimits()) {
        self.vfs = vfs
        self.pacedVFS = pacedVFS ?? vfs
        self.fileSystem = fileSystem
        self.limits = limits
    }

    package static func operatingSystem(limits: StorageLimits = StorageLimits()) -> StorageMedium {
        StorageMedium(vfs: nil, pacedVFS: PacedFiles.registeredName, fileSystem: FileSystem(), limits: limits)
    }
}

/// What a replica's files need beside SQLite: directories and the names in them.
package protocol StorageFileSystem: Sendable {
    /// Makes a directory where there is none; its name is durable on return.
    func makeDirectory(_ path: String) throws(StorageError)
    /// All names in a directory, in no order.
    func names(in directory: String) throws(StorageError) -> [String]
    /// Reads a file from its beginning, in pieces, and writes each over itself: what was read is durable after `sync`.
    /// False where there is no such file.
    func renew(_ path: String, _ piece: ([UInt8]) -> Void) throws(StorageError) -> Bool
    /// Which file has this name now; nil where none has. Opens nothing.
    func fileNumber(of path: String) -> FileNumber?
    /// What may still be written to the file system that a directory is in; nil where nobody knows.
    func freeBytes(in directory: String) -> UInt64?
    /// Makes a file that only takes room, so that there is some when it is given up. False where there is not enough: then it is gone.
    func takeRoom(_ path: String, byteCount: UInt64) -> Bool
    /// Deletes such a file. False where there was none.
    func giveRoomBack(_ path: String) -> Bool
    /// Which other processes hold locks of the database at `path`, as far as the system says.
    func lockHolders(of path: String) -> [LockHolder]

    // Files that no SQLite connection has open: snapshots, and what becomes one; and write-ahead logs, on which SQLite has no locks.

    /// In bytes; nil where there is no such file.
    func byteCount(of path: String) throws(StorageError) -> UInt64?
    /// At most `count` bytes from `offset` on: fewer at the end of the file.
    func read(_ path: String, at offset: UInt64, count: Int) throws(StorageError) -> [UInt8]
    /// Makes the file where there is none; durable after `sync` of the file and `syncDirectory` of where it stands.
    func write(_ bytes: [UInt8], to path: String, at offset: UInt64) throws(StorageError)
    func sync(_ path: String) throws(StorageError)
    /// Takes the place of what stood at `other`; durable after `syncDirectory` of where it stands then.
    func rename(_ path: String, to other: String) throws(StorageError)
    /// Nothing where there is no such file.
    func delete(_ path: String) throws(StorageError)
    func syncDirectory(_ path: String) throws(StorageError)
}

/// Tells a file from another one that is given its name later.
package struct FileNumber: Hashable, Sendable {
    package let device: UInt64
    package let number: UInt64

    package init(device: UInt64, number: UInt64) {
        self.device = device
        self.number = number
    }
}
