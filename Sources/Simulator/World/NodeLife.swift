import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding
import Storage

/// One life of a node's process: its event loop, which can be paused, its files and its shards.
final class NodeLife {
    unowned let node: SimulatedNode
    unowned let simulation: Simulation
    /// Counts the lives of the node.
    let number: UInt64
    let vfs: FaultVFS
    private(set) var shards: [ShardLife] = []
    private(set) var router: Router?
    private let reports = StorageReports()
    private(set) var isOver = false
    private(set) var isPaused = false
    private var backlog: [() -> Void] = []
    /// Somebody looks at a file in a shell, and does not leave.
    private var readers: [LongReader] = []

    init(node: SimulatedNode, number: UInt64) throws(StorageError) {
        self.node = node
        self.number = number
        simulation = node.simulation
        let epoch: Int64 = 1_800_000_000_000
        vfs = FaultVFS(
            name: "\(simulation.name)-\(node.id)", disk: node.disk, seed: node.chance.next(),
            clock: VirtualClock(now: { [unowned simulation] in epoch + simulation.now.nanoseconds / 1_000_000 }, sleep: { _ in }))
        do throws(StorageError) {
            try openShards()
            for notice in reports.take().notices { node.notices(notice) }
        } catch {
            for notice in reports.take().notices { node.notices(notice) }
            end()
            throw error
        }
    }

    private func openShards() throws(StorageError) {
        do throws(DiskError) {
            try vfs.register()
        } catch {
            throw StorageError(.other, "the file system can't be registered")
        }
        let files = SimulatedFiles(process: vfs.process)
        try files.makeDirectory("/node")
        for ordinal in simulation.cluster.shards.indices {
            let shard = ShardLife(life: self, ordinal: ordinal)
            shards.append(shard)
            try shard.open(
                StorageMedium(vfs: vfs.name, fileSystem: files, limits: simulation.limits.storage),
                reports.handlers(shard: ordinal))
        }
        router = Router(cluster: simulation.cluster, shards: shards.map(\.server), describer: NoDescription()) { [unowned node] in
            node.chance.next()
        }
    }

    /// What the servers asked for while they were made.
    func goOnline() { fetchStorageWork() }

    var canTakeCommands: Bool { !isOver && !isPaused }

    /// Runs on the process's loop, now or once it goes on; never after its end.
    func perform(_ body: @escaping () -> Void) {
        if isOver { return }
        if isPaused { return backlog.append(body) }
        deliver()
        body()
        let isAwaited = shards.map { reports.mailbox.expect($0.server.awaited, of: $0.ordinal) }
        if isAwaited.contains(true) { deliver() }
        fetchStorageWork()
    }

    private func deliver() {
        for (ordinal, event) in reports.mailbox.take() where !isOver { shards[ordinal].completed(event) }
    }

    func clockHasChanged() { for shard in shards { shard.clockHasChanged() } }

    func beginReading(ofTable: Bool) {
        for shard in shards {
            guard let reader = simulation.peek(at: node, { shard.beginReading(ofTable: ofTable) }) else { continue }
            readers.append(reader)
        }
    }

    func endReading() { simulation.peek(at: node) { readers = [] } }

    func pause() {
        simulation.note("\(node.id) pauses")
        isPaused = true
    }

    func goOn() {
        guard isPaused else { return }
        simulation.note("\(node.id) goes on")
        isPaused = false
        let waiting = backlog
        backlog = []
        for body in waiting { perform(body) }
    }

    /// After a piece of work on a file: what it reports comes to the loop a little later.
    func storageHasWorked() {
        let contents = reports.take()
        for notice in contents.notices { node.notices(notice) }
        if let failure = contents.failure {
            node.stoppedByStorage(failure)
            return
        }
        for ordinal in contents.committed { simulation.checkIsSynced(ordinal, node) }
        guard contents.isAwaited else { return }
        simulation.after(node.chance.span(1...20)) { [weak self] in self?.perform {} }
    }

    func fetchStorageWork() {
        for shard in shards where !isOver { shard.fetchStorageWork() }
    }

    /// The disk does not listen to this life any more. Its files are closed once nothing of it is under way.
    func end() {
        isOver = true
        endReading()
        backlog = []
        for shard in shards { shard.end() }
        vfs.unregister()
        simulation.after(.zero) { self.release() }
    }

    func release() {
        for shard in shards { shard.release() }
        shards = []
        router = nil
    }
}

private final class NoDescription: NodeDescriber {
    func statusJSON() -> String { "{}" }
    func info() -> [(section: String, fields: [(String, String)])] { [] }
}
