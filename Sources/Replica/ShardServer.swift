package import KeyValue
package import Paxos
package import Sharding

/// One shard on one node: the replica, and the client side that finds the leader for this node's clients.
/// Confined to one thread: every call, and every call it makes to its ports, is on that thread.
package final class ShardServer {
    package struct Settings: Hashable, Sendable {
        package let shard: ShardDescription
        package let node: NodeID
        /// Genesis members.
        package let nodes: [NodeID]
        package let cluster: ClusterSettings
        package let group: Paxos.Settings
        package let limits: ShardLimits

        package init(
            shard: ShardDescription, node: NodeID, nodes: [NodeID], cluster: ClusterSettings, group: Paxos.Settings = Paxos.Settings(),
            limits: ShardLimits = ShardLimits()
        ) {
            self.shard = shard
            self.node = node
            self.nodes = nodes
            self.cluster = cluster
            self.group = group
            self.limits = limits
        }
    }

    package let settings: Settings
    let replica: Replica
    let client: ShardClient
    let snapshots: SnapshotExchange
    var hashVotes = TableHashVotes()
    let loopback: Loopback
    let timing: any TimingPort
    /// Client or leader may be in the middle of something: a command that is given now comes from an answer of theirs.
    private var isAtWork = false
    private var localReads = PendingRing<(ServiceReply) -> Void>()
    private var handingOver: [(completion: () -> Void, deadline: Instant)] = []
    /// The wish last told to `TimingPort.wake`; a deadline that moves later is found out when it comes.
    private var armedAt: Instant?

    /// Told of elections and of what the replica waits for.
    package var onNotice: (Notice) -> Void {
        get { replica.onNotice }
        set { replica.onNotice = newValue }
    }

    /// Told what a person should know of tables and snapshots.
    package var onProblem: (ShardProblem) -> Void = { _ in }

    /// `recovered`, `appliedUpTo` and `rolledUpTo` are what `Storage` found when it opened the replica's directory: the table applies the
    /// ledger's rows up to `appliedUpTo` before anything that it is asked, and has done so up to `rolledUpTo`. `aloneSince`: no earlier life
    /// of this node has run since.
    package init(
        settings: Settings, recovered: LedgerState, appliedUpTo: Slot, rolledUpTo: Slot? = nil, aloneSince: Instant? = nil,
        ledger: any LedgerPort, table: any TablePort,
        snapshots: any SnapshotPort, network: any NetworkPort, timing: any TimingPort
    ) {
        self.settings = settings
        self.timing = timing
        let shard = settings.shard.id
        let loopback = Loopback(node: settings.node, shard: shard, network: network, timing: timing)
        self.loopback = loopback
        var groupSettings = settings.group
        groupSettings.leasedReads = settings.cluster.reads == .lease
        replica = Replica(
            group: Group(
                state: recovered, appliedUpTo: appliedUpTo, rolledUpTo: rolledUpTo, firstMembers: settings.nodes,
                preferredLeader: settings.shard.preferredLeader, settings: groupSettings, chance: timing.random(), aloneSince: aloneSince,
                at: timing.now),
            compactedUpTo: recovered.compactedUpTo, stalenessMax: settings.cluster.stalenessMax, limits: settings.limits, ledger: ledger,
            table: table, timing: timing,
            send: { network.send($0, shard: shard) }, flush: { network.flush() }, answer: { loopback.answer?($0) })
        client = ShardClient(
            node: settings.node, peers: settings.nodes.filter { $0 != settings.node }, shardName: settings.shard.name,
            requestTimeout: settings.cluster.requestTimeout, limits: settings.limits, timing: timing,
            send: { loopback.send($0, to: $1) })
        self.snapshots = SnapshotExchange(
            others: settings.nodes.filter { $0 != settings.node }, port: snapshots, timing: timing, send: { loopback.send($0, to: $1) })
        loopback.answer = { [unowned self] in answer($0) }
        replica.onSnapshotWanted = { [unowned self] in self.snapshots.wanted($0, leader: replica.standing.leader) }
        replica.onWeighingWanted = { [unowned self] in self.snapshots.weigh(atLeast: $0) }
        replica.onTableHash = { [unowned self] in tell($0) }
        replica.neededSlots = { [unowned self] in self.snapshots.neededSlots }
        timing.requestTurn()
    }

    /// Of others it may hear later: before whatever comes next, or its next deadline.
    package var awaited: AwaitedCompletions { replica.awaited }

    // MARK: What comes in

    package func received(_ envelope: Envelope) {
        isAtWork = true
        defer { isAtWork = false }
        replica.received(envelope)
        // The leader or a deadline may have changed.
        timing.requestTurn()
    }

    package func received(_ message: ServiceMessage, from node: NodeID) {
        let wasAtWork = isAtWork
        isAtWork = true
        defer { isAtWork = wasAtWork }
        switch message {
        case .propose(let session, let sequence, let previous, let command):
            // What can't be decoded would stop every replica that applies it.
            guard node == settings.node || SessionCommand.isReadable(command) else {
                return loopback.send(.refused(session: session, sequence: sequence, .notLeader(nil)), to: node)
            }
            replica.propose(from: node, session: session, sequence: sequence, previous: previous, command: command)
        case .query(let token, let query):
            replica.read(query, for: node == settings.node ? .local(token, isStaleAllowed: false) : .remote(node, token))
        case .outcome, .refused, .answer, .queryRefused, .answerTooLarge:
            client.received(message)
        case .snapshotWanted, .snapshotChunk, .snapshotUnavailable: snapshots.received(message, from: node)
        case .tableHash(let slot, let hash): vote(TableHash(slot: Slot(slot), value: hash), from: node)
        }
    }

    package func completed(_ event: StorageEvent) {
        isAtWork = true
        defer { isAtWork = false }
        // Before the group hears of it: it may want the next one at once.
        if case .snapshotInstalled = event { snapshots.installed() }
        replica.completed(event)
        switch event {
        case .snapshotOffered(let offer): snapshots.offered(offer)
        case .snapshotRead(let piece, let chunk): snapshots.read(piece, chunk)
        case .snapshotStored(let slot, let upTo): snapshots.stored(slot: slot, upTo: upTo)
        case .snapshotRefused(let slot, let text):
            onProblem(.snapshotRefused(slot, text))
            snapshots.refused()
        case .ledgerCommitted, .ledgerEntries, .applied, .hashed, .answers, .tableDurable, .roomChanged, .snapshotInstalled: break
        }
        deliverLocal()
        timing.requestTurn()
    }

    package func woke() {
        armedAt = nil
        isAtWork = true
        client.tick()
        snapshots.tick()
        endTurn()
    }

    package func endTurn() {
        isAtWork = true
        defer { isAtWork = false }
        client.leaderIs(replica.standing.leader, isBlind: !replica.standing.isBorn)
        snapshots.leads(replica.standing.leads != nil)
        deliverLocal()
        replica.endTurn()
        deliverLocal()
        finishHandover()
        arm()
    }

    /// What client and leader on this node say to each other waits until neither is in the middle of something.
    private func deliverLocal() {
        while let message = loopback.next() { received(message, from: settings.node) }
    }

    private func arm() {
        let deadline = min(
            replica.standing.deadline, client.deadline, snapshots.deadline, handingOver.first?.deadline ?? .distantFuture)
        guard armedAt.map({ deadline < $0 }) ?? true else { return }
        armedAt = deadline
        timing.wake(at: deadline)
    }

    // MARK: Commands

    package func execute(_ command: Command, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        switch command {
        case .mutation(let mutation): client.write(mutation, completion: completion)
        case .query(let query) where isLocal:
            replica.read(query, for: .local(localReads.append(completion), isStaleAllowed: true))
        case .query(let query): client.query(query, completion: completion)
        }
        // The table reads for some clients while the event loop still takes requests of others.
        if loopback.count >= Replica.readsHandedOver, !isAtWork { deliverLocal() }
        // It has a deadline, also where nothing could be sent.
        timing.requestTurn()
    }

    private func answer(_ answer: ReplicaAnswer) {
        switch answer {
        case .applied(let command, let isLeader):
            // Where this node asked, its own table's outcome will do; for others, the leader speaks.
            let origin = NodeID(rawValue: command.session.node)
            guard isLeader || origin == settings.node else { return }
            loopback.send(.outcome(session: command.session, sequence: command.sequence, command.outcome), to: origin)
        case .refused(let origin, let session, let sequence, let refusal):
            loopback.send(.refused(session: session, sequence: sequence, refusal), to: origin)
        case .read(.remote(let node, let token), let outcome): loopback.send(message(answering: token, outcome), to: node)
        case .read(.local(let token, isStaleAllowed: false), let outcome): client.received(.answer(token: token, outcome))
        case .read(.local(let token, isStaleAllowed: true), let outcome): localReads.remove(token)?(.outcome(outcome))
        case .readRefused(.remote(let node, let token), let refusal): loopback.send(.queryRefused(token: token, refusal), to: node)
        case .readRefused(.local(let token, isStaleAllowed: false), let refusal):
            client.received(.queryRefused(token: token, refusal))
        case .readRefused(.local(let token, isStaleAllowed: true), _):
            localReads.remove(token)?(.failed(.busy("shard \(settings.shard.name) has too many reads waiting; try again")))
        case .readStale(let reader): answerStale(reader)
        }
    }

    private func message(answering token: UInt64, _ outcome: Outcome) -> ServiceMessage {
        let byteCount = outcome.byteCount
        return byteCount <= settings.limits.remoteAnswerBytesMax
            ? .answer(token: token, outcome) : .answerTooLarge(token: token, byteCount: UInt64(byteCount))
    }

    private func answerStale(_ reader: Reader) {
        guard case .local(let token, isStaleAllowed: true) = reader else { return }
        let bound = Int(settings.cluster.stalenessMax.milliseconds)
        let age = replica.group.staleness(at: timing.now).map { "is \(Int($0.milliseconds)) ms old" } ?? "can't tell how old it is"
        localReads.remove(token)?(
            .failed(.stale("this datacenter's copy of \(settings.shard.name) \(age); the bound is \(bound) ms: READWRITE asks the leader")))
    }

    // MARK: Handing over

    /// Gives leadership away if this replica leads; `completion` once it does not lead any more, or it took too long.
    package func handOver(completion: @escaping () -> Void) {
        replica.handOver()
        handingOver.append((completion, timing.now + replica.group.settings.handoverTimeout))
        timing.requestTurn()
    }

    private func finishHandover() {
        while let current = handingOver.first, replica.standing.leads == nil || timing.now >= current.deadline {
            handingOver.removeFirst()
            current.completion()
        }
    }

    // MARK: Status

    package var report: ShardReport { ShardReport(replica, snapshots, at: timing.now) }

    package var load: ShardLoad {
        ShardLoad(
            proposals: replica.proposalCount, proposalBytes: replica.proposalBytes, reads: replica.readCount,
            ledgerReads: replica.ledgerReadCount, writes: client.writeCount, queries: client.queryCount, localReads: localReads.count,
            handovers: handingOver.count, snapshots: snapshots.load, loopback: loopback.count, group: replica.group.load)
    }
}
