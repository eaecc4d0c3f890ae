import FaultVFS
import Simulator
import Storage
import Synchronization

/// Tests run side by side, and SQLite knows its file systems by their names.
private let machineCount = Atomic(0)

/// One machine with a disk, and the process that runs on it.
final class Machine {
    let disk: SimulatedDisk
    private let name = "machine\(machineCount.wrappingAdd(1, ordering: .relaxed).newValue)"
    private(set) var vfs: FaultVFS

    init(seed: UInt64) throws {
        disk = SimulatedDisk(seed: seed)
        vfs = FaultVFS(name: name, disk: disk)
        try vfs.register()
        _ = try vfs.process.makeDirectory("/node")
        try vfs.process.syncDirectory("/")
    }

    /// The next life of the process, after a crash or a kill.
    func boot() throws(DiskError) {
        vfs.unregister()
        vfs = FaultVFS(name: name, disk: disk)
        try vfs.register()
    }

    func crash(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        disk.crash(using: &random)
        try boot()
    }

    func kill() throws {
        disk.kill()
        try boot()
    }

    var medium: StorageMedium { StorageMedium(vfs: vfs.name, fileSystem: SimulatedFiles(process: vfs.process)) }
}

extension Operation.Action {
    /// What a loss of power can spoil.
    var changesDisk: Bool { self != .read && self != .open }
}

/// Says yes to one operation among those that it is asked about.
final class Nth: Sendable {
    private let wanted: Int
    private let count = Atomic(0)

    init(_ wanted: Int) { self.wanted = wanted }

    func isReached() -> Bool { count.wrappingAdd(1, ordering: .relaxed).newValue == wanted }
    /// Whether it has said yes.
    var wasReached: Bool { count.load(ordering: .relaxed) >= wanted }
}
