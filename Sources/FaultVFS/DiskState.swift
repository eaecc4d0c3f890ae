/// A disk's contents and the machine's cache over it. Every method does its work or throws and changes nothing.
struct DiskState {
    private(set) var names = NameSpace()
    private var files: [FileID: SimulatedFile] = [:]
    private var lastFile: FileID = 0
    /// Which life of the machine, or of its one process, it is: handles of an earlier one are dead.
    private(set) var life: UInt64 = 1
    /// The power is gone, and has not come back.
    var isHalted = false
    var random: SplitMix64
    var counters = DiskCounters()
    var operationCount: UInt64 = 0
    /// In bytes, for all files together; nil is without limit.
    var capacity: Int?
    var watch: (@Sendable (Operation) -> Fault?)?

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    func isAlive(_ life: UInt64) -> Bool { life == self.life && !isHalted }

    func file(_ file: FileID) -> SimulatedFile? { files[file] }

    /// The file's id, and whether it is new.
    mutating func open(_ path: String, kind: FileKind, creates: Bool) throws(DiskError) -> FileID {
        if let file = names.names[path] { return file }
        guard creates, names.contains(directory: NameSpace.directory(of: path)) else { throw .missing }
        let file = makeFile(kind)
        names.change(.link(name: path, file))
        return file
    }

    /// One without a name: it is gone with the process.
    mutating func makeFile(_ kind: FileKind) -> FileID {
        lastFile += 1
        files[lastFile] = SimulatedFile(kind: kind)
        return lastFile
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, to file: FileID) throws(DiskError) {
        let growth = offset + bytes.count - (files[file]?.contents.count ?? 0)
        if let capacity, growth > 0, usedBytes + growth > capacity { throw .full }
        files[file]?.write(bytes, at: offset)
    }

    mutating func truncate(_ file: FileID, to length: Int) { files[file]?.truncate(to: length) }

    mutating func sync(_ file: FileID) { files[file]?.sync() }

    mutating func isSynced(_ file: FileID) -> Bool { files[file]?.isSynced() ?? true }

    mutating func loseSync(_ file: FileID) { files[file]?.loseSync(using: &random) }

    mutating func syncDirectory(_ path: String) { names.sync(directory: path) }

    mutating func delete(_ path: String) throws(DiskError) {
        guard names.names[path] != nil else { throw .missing }
        names.change(.unlink(name: path))
    }

    mutating func rename(_ path: String, to other: String) throws(DiskError) {
        guard let file = names.names[path] else { throw .missing }
        names.change(.rename(from: path, to: other, file))
    }

    mutating func flip(bit: Int, ofByte offset: Int, in file: FileID) { files[file]?.flip(bit: bit, ofByte: offset) }

    mutating func crash(using random: inout some RandomNumberGenerator) {
        for id in files.keys.sorted() { files[id]?.crash(using: &random) }
        names.crash(using: &random)
        beginLife()
    }

    /// What was not synced stays in the machine's cache.
    mutating func beginLife() {
        life += 1
        isHalted = false
        let kept = names.reachable
        files = files.filter { kept.contains($0.key) }
    }

    var usedBytes: Int { names.names.values.reduce(0) { $0 + (files[$1]?.contents.count ?? 0) } }
}
