import CSQLite

/// One file that SQLite has open; keeps the VFS, and what it shares with other connections, for as long.
final class OpenFile {
    let vfs: FaultVFS
    let file: FileID
    let kind: FileKind
    let path: String
    let node: SharedNode?
    var lockLevel = SQLITE_LOCK_NONE
    var sharedSlots = [Bool](repeating: false, count: Int(SQLITE_SHM_NLOCK))
    var exclusiveSlots = [Bool](repeating: false, count: Int(SQLITE_SHM_NLOCK))
    /// As in SQLite's unix VFS: the first sync of a journal or log syncs its directory too, so that its name is durable.
    private var owesDirectorySync: Bool

    init(vfs: FaultVFS, file: FileID, kind: FileKind, path: String, node: SharedNode?, owesDirectorySync: Bool) {
        self.vfs = vfs
        self.file = file
        self.kind = kind
        self.path = path
        self.node = node
        self.owesDirectorySync = owesDirectorySync
    }

    private var process: DiskProcess { vfs.process }

    /// False where the file ends before the buffer is full; the rest of it is zeros then, as SQLite wants it.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Bool {
        let count = try process.perform(
            .read, kind, path, byteCount: buffer.count,
            spoiled: { (_, state) in
                let half = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(buffer.count / 2)])
                return state.file(self.file)?.read(into: half, at: offset) ?? 0
            }, { (state) in state.file(file)?.read(into: buffer, at: offset) ?? 0 })
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        return count == buffer.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        try process.perform(.write, kind, path, byteCount: bytes.count) { (state) throws(DiskError) in
            try state.write(bytes, at: offset, to: file)
        }
    }

    func truncate(to length: Int) throws(DiskError) {
        try process.perform(.truncate, kind, path) { (state) in state.truncate(file, to: length) }
    }

    func sync() throws(DiskError) {
        try process.sync(file, kind, path)
        guard owesDirectorySync else { return }
        try process.syncDirectory(NameSpace.directory(of: path))
        owesDirectorySync = false
    }

    func size() throws(DiskError) -> Int {
        try process.inspect { (state) in state.file(file)?.contents.count ?? 0 }
    }

    func close() {
        guard let node else { return }
        node.leave(self)
        node.unlock(self, SQLITE_LOCK_NONE)
    }
}

extension DiskError {
    /// As SQLite's result: `operation` is the second byte of an `SQLITE_IOERR_…`, whose macros Swift does not import.
    func code(_ operation: IOError) -> Int32 { self == .full ? SQLITE_FULL : operation.code }
}

/// <https://www.sqlite.org/rescode.html>
enum IOError: Int32 {
    case read = 1
    case shortRead = 2
    case write = 3
    case sync = 4
    case truncate = 6
    case size = 7
    case delete = 10
    case access = 13
    case lock = 15
    case sharedMemory = 19
    case noSuchFile = 23

    var code: Int32 { SQLITE_IOERR | (rawValue << 8) }
}
