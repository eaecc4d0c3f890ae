import Paxos

/// A group of replicas under virtual time: real cores, modelled disks, clocks and network, all from one seed.
struct Cluster {
    enum Event {
        case deliver(Envelope)
        case tick(NodeID, life: Int)
        case committed(NodeID, life: Int)
        case applied(NodeID, life: Int)
        case rows(NodeID, life: Int, LogRequest)
        case resume(NodeID)
        case restart(NodeID)
        case heal
        case fault
        case command
        case read
        // Only where things are lost: see `Cluster+Losses`.
        case loss
        case compaction
        case operation
        case snapshotWanted(NodeID, life: Int)
        case snapshotCame(NodeID, life: Int, TableModel)
    }

    let seed: UInt64
    let settings: Settings
    let members: [NodeID]
    let preferred: NodeID?
    var chance: Chance
    var faults: Faults
    var queue = EventQueue<Event>()
    var time: Int64 = 0
    var nodes: [VirtualNode] = []
    var checks: Checks
    /// Pairs that can't hear each other, by index from × count + to.
    var isCut: [Bool]
    var reads: [PendingRead] = []
    var commandCount: UInt64 = 0
    /// Commands proposed, by slot, to whoever waits for the answer.
    var proposed: [(slot: Slot, node: NodeID, ballot: Ballot, command: [UInt8])] = []
    /// By ballot, the first slot that its leader proposed.
    var firstSlots: [Ballot: Slot] = [:]
    var hasFaults = true
    var digest: UInt64 = 0
    var trace: [String] = []
    let traceMax: Int
    var isTraced: Bool { traceMax > 0 }
    var eventCount = 0
    var readsAnswered = 0
    var staleChecked = 0
    /// Chance of its own, so that a seed without losses is the run that it was.
    var losses: Chance
    var lossCount = 0
    var snapshotCount = 0

    struct PendingRead {
        let node: NodeID
        let life: Int
        let ballot: Ballot
        let startedLocally: Instant
        let needs: Slot
        let startedAt: Int64
    }

    init(seed: UInt64, hasLosses: Bool = false, traceMax: Int = 0) {
        self.seed = seed
        losses = Chance(seed: ~seed)
        self.traceMax = traceMax
        var chance = Chance(seed: seed)
        let count = chance.isTrue(perThousand: 250) ? 5 : 3
        var settings = Settings()
        settings.alpha = chance.pick([8, 32, 128])
        settings.messageBytesMax = chance.pick([200, 1000, 1 << 20])
        settings.flightBytesMax = settings.messageBytesMax * chance.pick([4, 100])
        settings.retainedEntriesMax = chance.pick([4, 50, 4096])
        settings.applyingEntriesMax = chance.pick([32, 256, 4096])
        settings.leasedReads = !chance.isTrue(perThousand: 150)
        members = (1...UInt16(count)).map { NodeID(rawValue: $0) }
        preferred = chance.isTrue(perThousand: 700) ? members[0] : nil
        faults = Faults(&chance)
        checks = Checks(alpha: settings.alpha)
        isCut = Array(repeating: false, count: count * count)
        self.settings = settings
        nodes = members.map { VirtualNode(node: $0, incarnation: Incarnation(rawValue: chance.next() | 1)) }
        self.chance = chance
        for node in members { schedule(.restart(node), after: 0...200 * Faults.millisecond) }
        queue.push(.command, at: Faults.millisecond)
        queue.push(.read, at: Faults.millisecond)
        queue.push(.fault, at: 500 * Faults.millisecond)
        if hasLosses { startLosses() }
    }

    func index(_ node: NodeID) -> Int { Int(node.rawValue) - 1 }

    mutating func run(until end: Int64) throws {
        while time < end, let (next, event) = queue.pop() {
            time = next
            eventCount += 1
            try handle(event)
            try checkLeases()
        }
    }

    mutating func schedule(_ event: Event, after delay: ClosedRange<Int64>) {
        let at = time + chance.number(delay)
        queue.push(event, at: at)
    }

    /// Costly lines are made only where `isTraced`.
    mutating func record(_ line: String) {
        guard isTraced else { return }
        if trace.count >= traceMax * 2 { trace.removeFirst(traceMax) }
        trace.append("\(Double(time / 1000) / 1000) ms  \(line)")
    }

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .deliver(let envelope):
            guard !isCut[index(envelope.from.node) * nodes.count + index(envelope.to.node)] else { return }
            try feed(.received(envelope), to: envelope.to.node)
        case .tick(let node, let life):
            guard nodes[index(node)].lifeCount == life, time >= nodes[index(node)].wakesAt else { return }
            nodes[index(node)].wakesAt = .max
            try feed(.ticked(chance: chance.next()), to: node)
        case .committed(let node, let life):
            guard nodes[index(node)].lifeCount == life else { return }
            try commit(node)
        case .applied(let node, let life):
            guard nodes[index(node)].lifeCount == life else { return }
            try apply(node)
        case .rows(let node, let life, let request):
            guard nodes[index(node)].lifeCount == life else { return }
            let rows = nodes[index(node)].ledger.rows(from: request.from, through: request.through)
            try feed(.ledgerRead(request, LogRows(entries: rows, compactedUpTo: nodes[index(node)].ledger.compactedUpTo)), to: node)
        case .resume(let node):
            let inputs = nodes[index(node)].waiting
            nodes[index(node)].waiting = []
            for input in inputs { try feed(input, to: node) }
        case .restart(let node): try start(node)
        case .heal: isCut = isCut.map { _ in false }
        case .fault: injectFault()
        case .command: try command()
        case .read: try startRead()
        case .loss: try lose()
        case .compaction: compact()
        case .operation: try operate()
        case .snapshotWanted(let node, let life): try fetchSnapshot(node, lifeCount: life)
        case .snapshotCame(let node, let life, let table): try install(table, at: node, lifeCount: life)
        }
    }

    /// One turn of a node: an input, and everything that its output asks for.
    mutating func feed(_ input: Input, to node: NodeID) throws {
        let index = index(node)
        guard nodes[index].group != nil else { return }
        if nodes[index].pausedUntil > time {
            nodes[index].waiting.append(input)
            return
        }
        let now = nodes[index].local(time)
        let promisedBefore = nodes[index].group?.promised ?? .zero
        guard let output = nodes[index].group?.step(input, at: now) else { return }
        guard let group = nodes[index].group else { return }
        if group.promised > promisedBefore { try checkGranted(index, promised: group.promised, input, output) }
        if isTraced { record("\(node) \(describe(input)) → promised \(group.promised) chosen \(group.chosenUpTo)") }
        try check(group.promised >= promisedBefore, "\(node)'s promise moved back")
        digest = Checksum.combine(digest, UInt64(bitPattern: time) ^ UInt64(node.rawValue) << 56)
        digest = Checksum.combine(digest, group.chosenUpTo.rawValue << 20 ^ group.promised.round)
        digest = Checksum.combine(digest, UInt64(output.messages.count) << 32 ^ UInt64(output.apply.count))
        if case .proposed = input { noteProposed(output, by: node) }
        try carryOut(output, of: node)
        try checkLearned(index)
        try checkStaleness(index)
        wakeUp(index)
    }

    private mutating func noteProposed(_ output: Output, by node: NodeID) {
        for row in output.write?.entries ?? [] {
            guard case .command(let command) = row.entry.content else { continue }
            proposed.append((row.slot, node, row.entry.ballot, command))
        }
    }

    private mutating func carryOut(_ output: Output, of node: NodeID) throws {
        let index = index(node)
        for notice in output.notices {
            record("\(node) \(notice)")
            if case .leads(let ballot) = notice { try checks.leads(node, boot: nodes[index].ledger.boot, under: ballot) }
            if case .isStranger(let reason) = notice, !nodes[index].isNewcomer {
                throw Violation(description: "\(node) became a stranger: \(reason)")
            }
        }
        for envelope in output.messages {
            try checkSent(envelope, index)
            transmit(envelope)
        }
        if let write = output.write {
            if nodes[index].gathered == nil { nodes[index].gathered = write } else { nodes[index].gathered?.merge(write) }
            writeNext(index)
        }
        for row in output.apply { try checks.applied(row, by: node) }
        nodes[index].applying.append(contentsOf: output.apply)
        applyNext(index)
        if output.snapshotWanted != nil { queue.push(.snapshotWanted(node, life: nodes[index].lifeCount), at: time + 1) }
        for request in output.reads {
            schedule(.rows(node, life: nodes[index].lifeCount, request), after: faults.applyDelay)
        }
    }

    private mutating func wakeUp(_ index: Int) {
        guard let deadline = nodes[index].group?.deadline else { return }
        let wake = nodes[index].wake(deadline)
        guard wake < nodes[index].wakesAt, wake != .max else { return }
        let at = max(wake, time + 1) + chance.number(0...3 * Faults.millisecond)
        nodes[index].wakesAt = at
        queue.push(.tick(nodes[index].node, life: nodes[index].lifeCount), at: at)
    }
}
