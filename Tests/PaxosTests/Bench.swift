import Paxos

/// A few replicas on a table: the test says when a message arrives, when a write is synced, and what time it is.
struct Bench {
    var groups: [Group] = []
    var ledgers: [LedgerModel] = []
    /// Given out and not synced.
    var unsynced: [LedgerWrite?] = []
    /// Replicas whose disk does not answer.
    var stalled: Set<NodeID> = []
    /// Replicas whose table does not answer.
    var stuck: Set<NodeID> = []
    var mail: [Envelope] = []
    var notices: [Notice] = []
    var applied: [[SlottedEntry]] = []
    var wishes: [(node: NodeID, wish: SnapshotWish)] = []
    var now = Instant.zero
    let settings: Settings
    let members: [NodeID]

    init(_ count: UInt16 = 3, settings: Settings = Settings(), isBorn: Bool = true, origins: [Origin] = []) throws {
        self.settings = settings
        members = (1...count).map { NodeID(rawValue: $0) }
        for node in members {
            ledgers.append(LedgerModel(incarnation: Self.incarnation(node), origin: origins.isEmpty ? .empty : origins[ledgers.count]))
            unsynced.append(nil)
            applied.append([])
        }
        if isBorn {
            for index in ledgers.indices {
                try ledgers[index].commit(
                    LedgerWrite(
                        number: 1, membership: Membership(stage: .born, genesis: genesis),
                        configurations: [ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: genesis))]))
            }
        }
        for node in members { groups.append(makeGroup(node)) }
        for node in members { restart(node) }
    }

    static func incarnation(_ node: NodeID) -> Incarnation { Incarnation(rawValue: UInt64(node.rawValue) + 100) }

    var genesis: [Configuration.Member] { members.map { Configuration.Member(node: $0, incarnation: Self.incarnation($0)) } }

    private func makeGroup(_ node: NodeID, table: Slot? = nil, rolledUpTo: Slot? = nil, aloneFor: Span = .zero) -> Group {
        let ledger = ledgers[index(node)]
        return Group(
            state: ledger.state(node: node), appliedUpTo: table ?? ledger.chosenUpTo, rolledUpTo: rolledUpTo, firstMembers: members,
            preferredLeader: nil, settings: settings, aloneSince: now - aloneFor, at: now)
    }

    func index(_ node: NodeID) -> Int { Int(node.rawValue) - 1 }

    subscript(node: NodeID) -> Group { groups[index(node)] }

    func party(_ node: NodeID) -> Party { self[node].identity }

    /// The process starts anew from what its disk holds.
    /// - Parameters:
    ///   - table: what the table is at, where the ledger can't roll it forward.
    ///   - rolledUpTo: what it is at, where it has not applied again all that the ledger has more.
    ///   - aloneFor: how long ago the earlier life ended.
    mutating func restart(_ node: NodeID, table: Slot? = nil, rolledUpTo: Slot? = nil, aloneFor: Span = .zero) {
        let index = index(node)
        ledgers[index].boot = Boot(rawValue: ledgers[index].boot.rawValue + 1)
        unsynced[index] = nil
        groups[index] = makeGroup(node, table: table, rolledUpTo: rolledUpTo, aloneFor: aloneFor)
    }

    /// Lets heartbeats of `leader` pass, and everything that follows from each.
    mutating func beat(_ leader: NodeID, times: Int) throws {
        for _ in 0..<times {
            pass(settings.heartbeatInterval)
            tick(leader)
            try settle()
        }
    }

    @discardableResult
    mutating func step(_ node: NodeID, _ input: Input) -> Output {
        let index = index(node)
        let output = groups[index].step(input, at: now)
        mail.append(contentsOf: output.messages)
        notices.append(contentsOf: output.notices)
        if let write = output.write {
            if unsynced[index] == nil { unsynced[index] = write } else { unsynced[index]?.merge(write) }
        }
        if let wish = output.snapshotWanted { wishes.append((node, wish)) }
        for request in output.reads {
            let rows = ledgers[index].rows(from: request.from, through: request.through)
            step(node, .ledgerRead(request, LogRows(entries: rows, compactedUpTo: ledgers[index].compactedUpTo)))
        }
        if !stuck.contains(node), let last = output.apply.last {
            applied[index].append(contentsOf: output.apply)
            step(node, .applied(upTo: last.slot))
        }
        return output
    }

    @discardableResult
    mutating func hear(_ message: Message, from sender: NodeID, at receiver: NodeID) -> Output {
        step(receiver, .received(Envelope(from: party(sender), to: party(receiver), configuration: 1, message: message)))
    }

    mutating func sync(_ node: NodeID) throws {
        guard let write = unsynced[index(node)] else { return }
        unsynced[index(node)] = nil
        try ledgers[index(node)].commit(write)
        step(node, .persisted(SyncReceipt(committed: write)))
    }

    mutating func pass(_ span: Span) { now = now + span }

    /// Delivers and syncs until nothing is left to do; what `isLost` names does not arrive.
    mutating func settle(losing isLost: (Envelope) -> Bool = { _ in false }) throws {
        while !mail.isEmpty || members.contains(where: { unsynced[index($0)] != nil && !stalled.contains($0) }) {
            let envelopes = mail
            mail = []
            for envelope in envelopes where !isLost(envelope) { step(envelope.to.node, .received(envelope)) }
            for node in members where !stalled.contains(node) { try sync(node) }
        }
    }

    /// Waits out everybody's patience, and lets `node` stand first.
    mutating func elect(_ node: NodeID, losing isLost: (Envelope) -> Bool = { _ in false }) throws {
        pass(settings.patience + settings.electionJitter)
        step(node, .ticked(chance: 0))
        try settle(losing: isLost)
    }

    mutating func propose(_ texts: [String], at node: NodeID, stamp: UInt64 = 1) {
        step(node, .proposed(texts.map { Array($0.utf8) }, stamp: Stamp(rawValue: stamp)))
    }

    mutating func tick(_ node: NodeID) { step(node, .ticked(chance: 0)) }
}
