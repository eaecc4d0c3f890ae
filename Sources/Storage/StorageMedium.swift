/// What the databases are in: the operating system's files, or a simulation of them.
package struct StorageMedium: Sendable {
    /// The name of the SQLite virtual file system that the databases are opened in; nil is the operating system's.
    package let vfs: String?
    package let fileSystem: any StorageFileSystem
    package let limits: StorageLimits

    package init(vfs: String?, fileSystem: any StorageFileSystem, limits: StorageLimits = StorageLimits()) {
        self.vfs = vfs
        self.fileSystem = fileSystem
        self.limits = limits
    }

    package static let operatingSystem = StorageMedium(vfs: nil, fileSystem: FileSystem())
}

/// What a replica's files need beside SQLite: directories and the names in them.
package protocol StorageFileSystem: Sendable {
    /// Makes a directory where there is none; its name is durable on return.
    func makeDirectory(_ path: String) throws(StorageError)
    /// All names in a directory, in no order.
    func names(in directory: String) throws(StorageError) -> [String]
    /// Reads a file from its beginning, in pieces, and writes each over itself: on return what was read is durable.
    /// Nothing where there is no such file.
    func renew(_ path: String, _ piece: ([UInt8]) -> Void) throws(StorageError)
}
