import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding
import Storage

/// One shard in one life of a node: the server, its time and turns, its ports, and its two files.
final class ShardLife {
    unowned let life: NodeLife
    let ordinal: Int
    private unowned let simulation: Simulation
    private var openServer: ShardServer?
    private var stores: OpenReplica?
    private var ledgerThread: VirtualThread?
    private var tableThread: VirtualThread?
    private var writerThread: VirtualThread?
    private var snapshotThread: VirtualThread?
    private var commitUnderWay: LedgerWrite?
    private var powerLossCheck = PowerLossCheck()
    /// What the ledger may give up.
    private var compactionAllowed = Slot.none
    /// Which table it has is told only at the end of that.
    private(set) var isInstalling = false

    private var isTurnAsked = false
    private var wakeNumber: UInt64 = 0
    private var wakesAt = Instant.distantFuture
    // Spinning is found by counting.
    private var idleTurns = 0
    private var windowStart = Instant.zero
    private var windowWakes = 0
    private(set) var recovered = ""
    /// Then the node's life may be gone.
    private var isOver = false

    init(life: NodeLife, ordinal: Int) {
        self.life = life
        self.ordinal = ordinal
        simulation = life.simulation
    }

    var description: ShardDescription { simulation.cluster.shards[ordinal] }
    private var node: SimulatedNode { life.node }
    /// The number in the name of its table's file.
    var tableGeneration: UInt64 = 1
    var place: String { "\(node.id)/\(description.name)" }

    var server: ShardServer {
        guard let openServer else { preconditionFailure("a shard is used once it is open") }
        return openServer
    }

    func open(_ medium: StorageMedium, _ handlers: StorageHandlers) throws(StorageError) {
        let ledgerThread = VirtualThread(life: life) { [unowned node] in node.chance.span(node.ledgerDelay) }
        let tableThread = VirtualThread(life: life) { [unowned node] in node.chance.span(node.tableDelay) }
        let writerThread = VirtualThread(life: life) { [unowned node] in node.chance.span(node.tableDelay) }
        let snapshotThread = VirtualThread(life: life) { [unowned node] in node.chance.span(node.tableDelay) }
        let owner = ReplicaOwner(
            cluster: simulation.cluster.name, nodeName: node.description.name, node: node.id, shardName: description.name,
            shard: description.id)
        let bytesBefore = node.bytesWrittenToLogs
        let stores = try ReplicaDirectory(nodeDirectory: "/node", owner: owner).open(
            ledgerExecutor: ledgerThread.executor, tableExecutor: tableThread.executor, writerExecutor: writerThread.executor,
            snapshotExecutor: snapshotThread.executor, handlers: handlers, medium: medium,
            hashEvery: TableHashCheck.every, random: { node.chance.next() })
        recovered =
            "\(description.name) promised \(stores.state.promise), chosen \(stores.state.chosenUpTo), \(stores.state.entries.count) more"
        let problems = simulation.peek(at: node) {
            simulation.checkRecovered(stores.state, appliedUpTo: stores.appliedUpTo, of: self)
        }
        for problem in problems {
            simulation.fail("\(problem) (\(place))")
        }
        if stores.appliedUpTo < stores.state.compactedUpTo,
            let points = simulation.peek(at: node, { try? LedgerPoints(path: simulation.ledgerPath(ofShard: ordinal), vfs: life.vfs.name) })
        {
            powerLossCheck.beginsWithoutTable(points)
        }
        ledgerThread.file = node.fileCheck(simulation.ledgerPath(ofShard: ordinal))
        writerThread.file = node.fileCheck(simulation.tablePath(ofShard: ordinal, generation: tableGeneration))
        for file in [ledgerThread.file, writerThread.file] {
            file?.lifeBegins()
            check(file?.logProblem(since: bytesBefore))
        }
        ledgerThread.inspect = { [unowned self] in inspectLedger() }
        self.stores = stores
        self.ledgerThread = ledgerThread
        self.tableThread = tableThread
        self.writerThread = writerThread
        self.snapshotThread = snapshotThread
        let server = ShardServer(
            settings: ShardServer.Settings(
                shard: description, node: node.id, nodes: simulation.cluster.nodes.map(\.id), cluster: simulation.cluster.settings,
                group: simulation.limits.group,
                limits: simulation.limits.shard),
            recovered: stores.state, appliedUpTo: stores.appliedUpTo, rolledUpTo: stores.rolledUpTo, aloneSince: node.lastLifeEndedAt,
            ledger: self, table: self, snapshots: self, network: self, timing: self)
        server.onNotice = { [unowned self] notice in
            if case .leads(let ballot) = notice { simulation.leads(ballot, shard: ordinal) }
            simulation.note("\(place) \(notice)")
        }
        openServer = server
    }

    /// Nil where the file can't be read at the moment.
    func beginReading(ofTable: Bool) -> LongReader? {
        let path =
            ofTable
            ? simulation.tablePath(ofShard: ordinal, generation: tableGeneration) : simulation.ledgerPath(ofShard: ordinal)
        guard let reader = try? LongReader(path: path, vfs: life.vfs.name) else { return nil }
        node.fileCheck(path).readerComes(
            framesMax: ofTable ? simulation.limits.storage.tableFramesMax : simulation.limits.storage.ledgerFramesMax)
        return reader
    }

    private func check(_ problem: String?) {
        if let problem { simulation.fail("\(problem) (\(place))") }
    }

    func completed(_ event: StorageEvent) {
        idleTurns = 0
        if case .ledgerCommitted = event, let write = commitUnderWay {
            commitUnderWay = nil
            check(node.acceptors[ordinal].synced(write, &simulation.votes[ordinal]))
            simulation.note("\(place) has synced write \(write.number)")
        }
        if case .hashed(let hash) = event, let problem = simulation.tableHashes[ordinal].note(hash, of: simulation.chosen[ordinal]) {
            simulation.fail("\(problem) (\(place))")
        }
        if case .snapshotInstalled(let snapshot) = event { installed(snapshot) }
        if case .snapshotRefused = event { isInstalling = false }
        server.completed(event)
        if case .answers = event { simulation.checkLease(ordinal, of: server) }
    }

    /// Only while its point of compaction, or the table that it names, may change.
    private func inspectLedger() {
        guard isInstalling || compactionAllowed > powerLossCheck.compactedUpTo else { return }
        do {
            let problem = try simulation.peek(at: node) {
                try powerLossCheck.problem(simulation, ordinal, node.disk, vfs: life.vfs.name) { node.checkChance.next() }
            }
            check(problem)
        } catch {
            simulation.fail("tables: the ledger can't be read: \(error) (\(place))")
        }
    }

    /// The table is another file from here on.
    private func installed(_ snapshot: InstalledSnapshot) {
        isInstalling = false
        node.acceptors[ordinal].installed(snapshot.slot)
        let path = simulation.ledgerPath(ofShard: ordinal)
        guard let ledger = simulation.peek(at: node, { try? LedgerPoints(path: path, vfs: life.vfs.name) }) else { return }
        tableGeneration = ledger.tableGeneration
        writerThread?.file = node.fileCheck(simulation.tablePath(ofShard: ordinal, generation: tableGeneration))
        writerThread?.file?.lifeBegins()
        simulation.count("snapshot installed")
    }

    func received(_ envelope: Envelope) {
        idleTurns = 0
        node.acceptors[ordinal].hears(envelope.message)
        simulation.leases[ordinal].hears(envelope.message, at: node.id)
        server.received(envelope)
        if case .heartbeatReply = envelope.message { simulation.checkLease(ordinal, of: server) }
    }

    func received(_ message: ServiceMessage, from sender: NodeID) {
        idleTurns = 0
        server.received(message, from: sender)
    }

    func fetchStorageWork() {
        ledgerThread?.fetch()
        tableThread?.fetch()
        writerThread?.fetch()
        snapshotThread?.fetch()
    }

    func end() {
        isOver = true
        ledgerThread?.drop()
        tableThread?.drop()
        writerThread?.drop()
        snapshotThread?.drop()
    }

    /// Server and ports hold each other, and the server holds the files.
    func release() {
        openServer = nil
        stores = nil
        ledgerThread = nil
        tableThread = nil
        writerThread = nil
        snapshotThread = nil
    }
}

extension ShardLife: LedgerPort, TablePort {
    func commit(_ write: LedgerWrite) {
        if commitUnderWay != nil { simulation.fail("ports: \(place) has two writes under way") }
        commitUnderWay = write
        if let promise = write.promise { simulation.leases[ordinal].writes(promise, at: node.id, simulation.now) }
        check(node.acceptors[ordinal].commits(write, &simulation.votes[ordinal]))
        stores?.ledger.commit(write)
    }

    func read(_ request: LedgerRead) { stores?.ledger.read(request) }

    func apply(_ entries: [SlottedEntry]) {
        for row in entries {
            check(simulation.checkMayBeApplied(row, ofShard: ordinal, by: node))
        }
        stores?.table.apply(entries)
    }

    func read(_ queries: [Query]) { stores?.table.read(queries) }
}

extension ShardLife: SnapshotPort {
    func compact(upTo slot: Slot, durableUpTo: Slot) {
        compactionAllowed = max(compactionAllowed, slot)
        stores?.ledger.compact(upTo: slot, durableUpTo: durableUpTo)
    }

    func offer(atLeast: Slot, isFresh: Bool) { stores?.snapshots.offer(atLeast: atLeast, isFresh: isFresh) }
    func read(_ request: SnapshotPiece) { stores?.snapshots.read(request) }
    func store(_ chunk: SnapshotChunk) { stores?.snapshots.store(chunk) }
    func install(slot: Slot, replayThrough: Slot) {
        isInstalling = true
        stores?.snapshots.install(slot: slot, replayThrough: replayThrough)
    }
}

extension ShardLife: NetworkPort {
    func flush() {}

    func send(_ envelope: Envelope, shard: ShardID) {
        if node.damage?.lost.contains(ordinal) ?? false, envelope.message.isVote, !simulation.isKnown(node, shard: ordinal) {
            simulation.fail("votes: \(place) has lost its ledger, and says \(envelope.message)")
        }
        if let problem = simulation.leases[ordinal].says(envelope.message, by: node.acceptors[ordinal].voter), simulation.areLeasesSafe {
            simulation.fail("\(problem) (\(description.name))")
        }
        if case .heartbeat = envelope.message { simulation.checkLease(ordinal, of: server) }
        check(node.acceptors[ordinal].says(envelope.message, &simulation.votes[ordinal]))
        simulation.network.send(envelope, shard: shard, from: node)
        simulation.faults?.said(envelope.message, by: node, shard: ordinal)
    }

    func send(_ message: ServiceMessage, to receiver: NodeID, shard: ShardID) {
        simulation.network.send(message, shard: shard, from: node, to: receiver)
        simulation.faults?.said(message, by: node)
    }
}

extension ShardLife: TimingPort {
    var now: Instant { node.clock.local(simulation.now) }

    var stamp: Stamp { Stamp(rawValue: UInt64(1_800_000_000_000 + simulation.now.nanoseconds / 1_000_000 + node.stampSkew)) }

    /// Also what makes patience random: where elections are crowded, all lose it at once.
    func random() -> UInt64 {
        let number = node.chance.next()
        guard simulation.areElectionsCrowded else { return number }
        return number - number % UInt64(Settings().electionJitter.nanoseconds) + UInt64(node.chance.below(2_000_000))
    }

    func requestTurn() {
        guard !isTurnAsked else { return }
        isTurnAsked = true
        simulation.after(node.chance.span(1...30)) { [weak self] in
            guard let self, !isOver else { return }
            life.perform { [unowned self] in
                isTurnAsked = false
                idleTurns += 1
                if idleTurns > 200 { simulation.fail("progress: \(place) asks for turn after turn, and nothing happens") }
                server.endTurn()
                check(simulation.loadCheck.problem(server.load))
            }
        }
    }

    func wake(at instant: Instant) {
        wakeNumber += 1
        wakesAt = instant
        let number = wakeNumber
        guard instant != .distantFuture else { return }
        simulation.agenda.add(at: max(node.clock.trueTime(of: instant), simulation.now + Span(nanoseconds: 1000))) { [weak self] in
            guard let self, !isOver else { return }
            life.perform { [weak self] in self?.woke(number) }
        }
    }

    func clockHasChanged() { wake(at: wakesAt) }

    private func woke(_ number: UInt64) {
        guard number == wakeNumber else { return }
        wakesAt = .distantFuture
        if simulation.now - windowStart > .milliseconds(10) {
            windowStart = simulation.now
            windowWakes = 0
        }
        windowWakes += 1
        if windowWakes > 500 { simulation.fail("progress: \(place) wakes \(windowWakes) times in 10 ms: a deadline that does not move") }
        server.woke()
    }
}

extension Message {
    /// What counts towards a quorum, or asks for one.
    fileprivate var isVote: Bool {
        switch self {
        case .preVoteReply(let word): word.isGranted
        case .preVote, .prepare, .promise, .accept, .accepted, .heartbeat, .heartbeatReply, .handover: true
        case .introduction, .rejection, .fetch, .chosenEntries: false
        }
    }
}
