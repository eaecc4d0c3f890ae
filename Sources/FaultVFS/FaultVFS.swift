import CSQLite

/// Virtual time, for SQLite's clock and waits.
package struct VirtualClock {
    /// Milliseconds since 1970.
    package let now: () -> Int64
    /// SQLite waits for a lock, in microseconds.
    package let sleep: (Int) -> Void

    package init(now: @escaping () -> Int64, sleep: @escaping (Int) -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// Stands still at the beginning of 2026.
    package static var stopped: VirtualClock { VirtualClock(now: { 1_767_225_600_000 }, sleep: { _ in }) }
}

/// A virtual file system of SQLite over a `SimulatedDisk`: one process's way to its disk (<https://www.sqlite.org/vfs.html>).
///
/// One value stands for one life of the process. After `SimulatedDisk.crash` or `kill` everything that it has open is dead, and
/// so is it; connections may be closed then or later, and change nothing. The next life makes another one, under the same name if
/// it likes. Used by one thread at a time, as are the connections that it opens.
package final class FaultVFS {
    package let name: String
    package let process: DiskProcess
    private let clock: VirtualClock
    private var random: SplitMix64
    private let methods: UnsafeMutablePointer<sqlite3_io_methods>
    private let table: UnsafeMutablePointer<sqlite3_vfs>
    private let namePointer: UnsafeMutablePointer<CChar>
    private var isRegistered = false
    /// Of each open database; a node goes when its last connection does.
    private var nodes: [WeakNode] = []

    private struct WeakNode {
        weak var node: SharedNode?
    }

    /// `seed` is for what SQLite asks this VFS for at random.
    package init(name: String, disk: SimulatedDisk, seed: UInt64 = 0, clock: VirtualClock = .stopped) {
        self.name = name
        self.clock = clock
        process = DiskProcess(disk)
        random = SplitMix64(seed: seed)
        methods = .allocate(capacity: 1)
        methods.initialize(to: .fault())
        let characters = name.utf8CString
        namePointer = .allocate(capacity: characters.count)
        for (index, character) in characters.enumerated() { (namePointer + index).initialize(to: character) }
        table = .allocate(capacity: 1)
        table.initialize(to: .fault(name: namePointer))
        table.pointee.pAppData = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        unregister()
        table.deallocate()
        methods.deallocate()
        namePointer.deallocate()
    }

    /// From here on connections can be opened by this VFS's name; of two VFS of one name SQLite finds the later.
    package func register() throws(DiskError) {
        guard !isRegistered else { return }
        guard sqlite3_vfs_register(table, 0) == SQLITE_OK else { throw .inputOutput }
        isRegistered = true
    }

    /// What is open stays open.
    package func unregister() {
        if isRegistered { sqlite3_vfs_unregister(table) }
        isRegistered = false
    }

    /// Starts SQLite's own random numbers anew. They are the whole program's (the salts of write-ahead logs come from there), so a run
    /// repeats byte for byte only where nobody else uses SQLite meanwhile. From here on they are no longer random.
    package static func seedSQLite(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // To SQLite zero means no seed.
        _ = decree_sqlite3_seed_randomness(Int32(truncatingIfNeeded: random.next()) | 1)
    }

    func open(_ path: String?, _ flags: Int32, into file: UnsafeMutablePointer<sqlite3_file>) throws(DiskError) {
        let kind = FileKind(openFlags: flags)
        let name = path ?? ""
        let isNamed = path != nil
        let id = try process.perform(.open, kind, name) { (state) throws(DiskError) in
            isNamed ? try state.open(name, kind: kind, creates: flags & SQLITE_OPEN_CREATE != 0) : state.makeFile(kind)
        }
        let handle = OpenFile(
            vfs: self, file: id, kind: kind, path: name, node: kind == .database ? node(id) : nil,
            owesDirectorySync: isNamed && flags & SQLITE_OPEN_CREATE != 0 && (kind == .writeAheadLog || kind == .journal))
        FaultFile.open(file, handle, methods)
    }

    func fillRandomly(_ buffer: UnsafeMutableRawBufferPointer) {
        for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: random.next()) }
    }

    func sleep(microseconds: Int) { clock.sleep(microseconds) }

    var milliseconds: Int64 { clock.now() }

    private func node(_ file: FileID) -> SharedNode {
        nodes.removeAll { $0.node == nil }
        if let found = nodes.lazy.compactMap(\.node).first(where: { $0.file == file }) { return found }
        let node = SharedNode(file: file)
        nodes.append(WeakNode(node: node))
        return node
    }
}

extension FileKind {
    init(openFlags flags: Int32) {
        switch flags {
        case _ where flags & SQLITE_OPEN_MAIN_DB != 0: self = .database
        case _ where flags & SQLITE_OPEN_WAL != 0: self = .writeAheadLog
        case _ where flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL) != 0: self = .journal
        default: self = .other
        }
    }
}
