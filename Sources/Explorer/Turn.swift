import Paxos

/// One event at one replica, carried out: the core's step, and what its surroundings make of the output.
struct Turn {
    private(set) var state: ReplicaState
    /// Sent in this turn.
    private(set) var envelopes: [Envelope] = []
    /// Made durable in this turn.
    private(set) var synced: [LedgerWrite] = []
    /// Applied, and thus taken for chosen, in this turn.
    private(set) var applied: [SlottedEntry] = []
    private(set) var served: ReplicaState.Read?
    private let scenario: Scenario
    private let now: Instant

    init(_ state: ReplicaState, _ scenario: Scenario, time: Int) {
        self.state = state
        self.scenario = scenario
        now = Instant(nanoseconds: Int64(time) * Scenario.unit)
    }

    mutating func carryOut(_ event: Event, message: Envelope? = nil) throws(Violation) {
        switch event {
        case .timeOut:
            try step(.ticked(chance: 0))
            if !envelopes.isEmpty { state.timeOuts += 1 }
        case .heartbeat:
            state.heartbeats += 1
            try step(.ticked(chance: 0))
        case .command:
            state.commands += 1
            let node = state.group.identity.node.rawValue
            // Clocks differ: a later node's stamps are newer.
            try step(.proposed([[UInt8(node), state.commands]], stamp: Stamp(rawValue: UInt64(node))))
        case .sync(let count): try sync(count)
        case .apply: try step(.applied(upTo: state.handed))
        case .restart(let kept, let keepsTable): try restart(kept, keepsTable)
        case .ledgerRead:
            let request = state.ledgerReads.removeFirst()
            let rows = state.ledger.rows(from: request.from, through: request.through)
            try step(.ledgerRead(request, LogRows(entries: rows, compactedUpTo: .none)))
        case .readBegins(let required): try beginRead(required)
        case .tableAnswers: try tableAnswers()
        case .handover:
            state.handovers += 1
            try step(.handoverWanted)
        case .receive:
            guard let message else { return }
            hear(message.message)
            try step(.received(message))
        }
    }

    private mutating func hear(_ message: Message) {
        let (ballot, first): (Ballot, Slot)
        switch message {
        case .accept(let word): (ballot, first) = (word.ballot, word.ballotFirst)
        case .heartbeat(let word): (ballot, first) = (word.ballot, word.ballotFirst)
        default: return
        }
        if state.heard.map({ $0.ballot < ballot }) ?? true { state.heard = ReplicaState.Heard(ballot: ballot, first: first) }
    }

    private mutating func step(_ input: Input) throws(Violation) {
        let promised = state.group.promised
        let output = state.group.step(input, at: now)
        guard state.group.promised >= promised else {
            throw Violation(property: "a promise moved back from \(promised) to \(state.group.promised)")
        }
        for notice in output.notices {
            if case .isStranger(let reason) = notice { throw Violation(property: "a replica that lost nothing is a stranger: \(reason)") }
        }
        for envelope in output.messages { envelopes.append(envelope.withoutProbes) }
        if let write = output.write { state.pending.append(write) }
        renumber()
        // A request that comes again while it waits has the same answer.
        for request in output.reads where !state.ledgerReads.contains(request) { state.ledgerReads.append(request) }
        applied += output.apply
        if let last = output.apply.last { state.handed = last.slot }
        if !scenario.appliesApart, state.handed > state.table { try step(.applied(upTo: state.handed)) }
        settleRead()
        if scenario.disks[node] == .immediate, !state.pending.isEmpty { try sync(state.pending.count) }
    }

    private var node: Int { Int(state.group.identity.node.rawValue) - 1 }

    private mutating func sync(_ count: Int) throws(Violation) {
        try commit(count)
        let receipt = SyncReceipt(committed: state.pending[count - 1])
        state.pending.removeFirst(count)
        try step(.persisted(receipt))
    }

    private mutating func renumber() {
        let offset = state.group.renumberWrites()
        if offset > 0 { state.pending = state.pending.map { $0.renumbered(by: offset) } }
    }

    private mutating func commit(_ count: Int) throws(Violation) {
        for write in state.pending.prefix(count) {
            try state.ledger.commit(write)
            synced.append(write)
        }
    }

    private mutating func restart(_ kept: Int, _ keepsTable: Bool) throws(Violation) {
        try commit(kept)
        let old = state.group.identity
        let table = keepsTable ? max(state.table, state.ledger.chosenUpTo) : state.ledger.chosenUpTo
        guard table <= state.ledger.last else { throw Violation(property: "the table holds \(table), and the ledger ends below") }
        state.pending = []
        state.ledgerReads = []
        state.read = nil
        state.heard = nil
        let identity = Party(node: old.node, incarnation: old.incarnation, boot: Boot(rawValue: old.boot.rawValue + 1))
        state.group = Group(
            state: state.ledger.state(of: identity, genesis: scenario.genesis), appliedUpTo: table, firstMembers: scenario.members,
            preferredLeader: nil, settings: scenario.settings, at: now)
        guard state.group.promised >= state.ledger.promise else {
            throw Violation(property: "a later life has forgotten the promise of \(state.ledger.promise)")
        }
        state.handed = table
        // A peer with one life only is known at once: words to it, and words from it, are the same before it is heard from.
        for node in 0..<Scenario.nodeCount where scenario.members[node] != old.node && scenario.restartsMax[node] == 0 {
            _ = state.group.step(.received(scenario.introduction(of: scenario.life(1, of: node), to: identity)), at: now)
        }
        applied = state.ledger.rows(from: Slot(1), through: table)
    }
}

// MARK: Reads, as `Replica` does them

extension Turn {
    private mutating func beginRead(_ required: Int) throws(Violation) {
        guard let ballot = state.group.leads else { return }
        state.reads += 1
        // Within a unit of time much may happen; what was sent in it before must not pass for sent after the read came.
        state.read = ReplicaState.Read(
            ballot: ballot, arrivedAt: now + Span(nanoseconds: 1), needs: state.group.chosenUpTo, required: Slot(UInt64(required)))
        settleRead()
    }

    private mutating func tableAnswers() throws(Violation) {
        guard let read = state.read else { return }
        if state.group.leads == read.ballot, state.group.leaseHolds(at: now) { return serve(read) }
        state.read?.isConfirming = true
        try step(.confirmationWanted)
    }

    private mutating func settleRead() {
        guard let read = state.read else { return }
        if read.isConfirming || read.seen == nil, state.group.leads != read.ballot {
            state.read = nil
        } else if read.seen == nil, state.handed >= read.needs {
            state.read?.seen = state.handed
        } else if read.isConfirming, let confirmedAt = state.group.confirmedAt, confirmedAt >= read.arrivedAt {
            serve(read)
        }
    }

    private mutating func serve(_ read: ReplicaState.Read) {
        served = read
        state.read = nil
    }
}

extension LedgerWrite {
    func renumbered(by offset: UInt64) -> LedgerWrite {
        LedgerWrite(
            number: number - offset, promise: promise, entries: entries, chosenUpTo: chosenUpTo, membership: membership,
            configurations: configurations)
    }
}

extension Envelope {
    /// The freshness of followers' tables is not explored: without probes nothing else changes.
    fileprivate var withoutProbes: Envelope {
        switch message {
        case .heartbeat(let word):
            saying(
                .heartbeat(
                    Heartbeat(
                        ballot: word.ballot, ballotFirst: word.ballotFirst, chosenUpTo: word.chosenUpTo, sentAt: word.sentAt,
                        lease: word.lease, lastAcknowledged: word.lastAcknowledged, answeredProbe: nil)))
        case .heartbeatReply(let word):
            saying(
                .heartbeatReply(
                    HeartbeatReply(
                        ballot: word.ballot, sentAt: word.sentAt, acknowledgement: word.acknowledgement, chosenUpTo: word.chosenUpTo,
                        appliedUpTo: word.appliedUpTo, probe: .zero)))
        default: self
        }
    }

    private func saying(_ message: Message) -> Envelope {
        Envelope(from: from, to: to, configuration: configuration, message: message)
    }
}
