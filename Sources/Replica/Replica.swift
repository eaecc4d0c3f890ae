internal import DequeModule
internal import KeyValue
internal import Paxos

/// Drives one group in turns: what comes in while the ledger syncs gathers, and goes into the next write as one batch.
/// There is no timer for batching and no `await` in a turn.
final class Replica {
    private(set) var group: Group
    /// The group's, as of its last step: to ask the group itself copies all of it.
    private(set) var standing: Standing
    /// Of the last step too; nil until a read asks.
    private var knownReadStanding: ReadStanding?
    private let messageBytesMax: Int
    private let stalenessMax: Span
    private let limits: ShardLimits
    private let ledger: any LedgerPort
    private let table: any TablePort
    private let timing: any TimingPort
    private let send: (Envelope) -> Void
    private let flush: () -> Void
    private let answer: (ReplicaAnswer) -> Void

    private var proposals: Deque<Proposal> = []
    private(set) var proposalBytes = 0
    /// Of the sessions that had something proposed under `orderedBallot`.
    private var sessions: [SessionID: SessionProgress] = [:]
    private var orderedBallot: Ballot?

    private var gathered: LedgerWrite?
    private var isCommitting = false

    private var feed = TableFeed()
    /// Given to the table.
    private var handedUpTo: Slot
    /// Reads that need slots which have not been given to the table yet, in their order.
    private var waiting: Deque<WaitingRead> = []
    /// In the order in which the table answers.
    private var reading: Deque<PendingRead> = []
    private var gatheredReads: [Query] = []
    static let readsHandedOver = 16
    private var confirming: Deque<ConfirmingRead> = []
    private var isConfirmationWanted = false
    private var ledgerReads: [UInt64: LogRequest] = [:]
    private var ledgerReadToken: UInt64 = 0

    /// The newest that its table has said.
    private(set) var tableHash: TableHash?
    /// Rows up to here are given up, or soon will be.
    private(set) var compactedUpTo: Slot
    /// Of this replica's own disk.
    private(set) var hasRoom = true
    private let compaction: CompactionPolicy
    private var catchUpCost = CatchUpCost()
    private var pacing = ProposalPacing()

    var onNotice: (Notice) -> Void = { _ in }
    var onSnapshotWanted: (SnapshotWish) -> Void = { _ in }
    /// The size of a snapshot at this slot or above decides how peers catch up.
    var onWeighingWanted: (Slot) -> Void = { _ in }
    var onTableHash: (TableHash) -> Void = { _ in }
    /// Slots from which others will want the log.
    var neededSlots: () -> [Slot] = { [] }

    private struct SessionProgress {
        var lastProposed: UInt64
        var lastApplied: UInt64 = 0
    }

    private struct Proposal {
        let origin: NodeID
        let session: SessionID
        let sequence: UInt64
        let command: [UInt8]
    }

    private struct PendingRead {
        let reader: Reader
        let arrivedAt: Instant
        /// The ballot under which this replica led when the read was handed to the table; nil for a local read.
        let ballot: Ballot?
    }

    private struct WaitingRead {
        let query: Query
        let read: PendingRead
        let needs: Slot
    }

    private struct ConfirmingRead {
        let read: PendingRead
        let outcome: Outcome
    }

    init(
        group: Group, compactedUpTo: Slot, stalenessMax: Span, limits: ShardLimits, ledger: any LedgerPort, table: any TablePort,
        timing: any TimingPort,
        send: @escaping (Envelope) -> Void, flush: @escaping () -> Void, answer: @escaping (ReplicaAnswer) -> Void
    ) {
        self.group = group
        standing = group.standing
        messageBytesMax = group.settings.messageBytesMax
        handedUpTo = group.handedUpTo
        self.compactedUpTo = compactedUpTo
        compaction = CompactionPolicy(tailSlots: limits.logTailSlots, courtesySlots: limits.logCourtesySlots)
        self.stalenessMax = stalenessMax
        self.limits = limits
        self.ledger = ledger
        self.table = table
        self.timing = timing
        self.send = send
        self.flush = flush
        self.answer = answer
    }

    var proposalCount: Int { proposals.count }
    var readCount: Int { waiting.count + reading.count + confirming.count }
    var ledgerReadCount: Int { ledgerReads.count }

    // MARK: What comes in

    func received(_ envelope: Envelope) {
        if case .heartbeatReply(let word) = envelope.message { pacing.heard(from: envelope.from.node, after: timing.now - word.sentAt) }
        step(.received(envelope))
    }

    func handOver() { step(.handoverWanted) }

    /// What the group has to say about it; nothing is done where this replica does not lead.
    func replace(_ node: NodeID) -> [Notice] { step(.replacementWanted(node)) }

    /// Writes that need room are refused: nothing of them reaches the log.
    var refusesWrites: Bool { standing.refusesWrites }

    /// Refused unless this replica leads and proposed, or has queued, what the session sent before.
    func propose(from origin: NodeID, session: SessionID, sequence: UInt64, previous: UInt64, command: [UInt8]) {
        guard let ballot = standing.leads else {
            return answer(.refused(origin, session, sequence, .notLeader(standing.leader?.rawValue)))
        }
        if orderedBallot != ballot {
            orderedBallot = ballot
            sessions = [:]
        }
        let known = sessions.index(forKey: session)
        let progress = known.map { sessions.values[$0] }
        // Sent again while it is under way: its outcome is the answer to both. Proposed again and again, what a leader without followers
        // is asked would fill its window.
        if let progress, sequence <= progress.lastProposed, sequence > progress.lastApplied { return }
        guard previous == 0 || progress?.lastProposed == previous else {
            return answer(.refused(origin, session, sequence, .notLeader(nil)))
        }
        guard !refusesWrites || !SessionCommand.needsRoom(command) else {
            return answer(.refused(origin, session, sequence, .diskFull))
        }
        guard proposals.count < limits.proposalsMax, proposalBytes + command.count <= limits.proposalBytesMax else {
            return answer(.refused(origin, session, sequence, .busy))
        }
        if let known {
            sessions.values[known].lastProposed = sequence
        } else {
            sessions[session] = SessionProgress(lastProposed: sequence)
        }
        proposals.append(Proposal(origin: origin, session: session, sequence: sequence, command: command))
        proposalBytes += command.count
        timing.requestTurn()
    }

    func read(_ query: Query, for reader: Reader) {
        guard readCount < limits.readsMax else { return answer(.readRefused(reader, .busy)) }
        if case .local(_, isStaleAllowed: true) = reader {
            return startReading(query, PendingRead(reader: reader, arrivedAt: timing.now, ballot: nil))
        }
        guard let ballot = standing.leads, standing.isReadable else {
            return answer(.readRefused(reader, .notLeader(standing.leads == nil ? standing.leader?.rawValue : nil)))
        }
        let read = PendingRead(reader: reader, arrivedAt: timing.now, ballot: ballot)
        // A follower may have answered for what is chosen and not yet durable, thus not yet applied, here.
        if waiting.isEmpty, standing.chosenUpTo <= handedUpTo { return startReading(query, read) }
        waiting.append(WaitingRead(query: query, read: read, needs: standing.chosenUpTo))
        timing.requestTurn()
    }

    private func startWaiting() {
        while let first = waiting.first {
            if standing.leads != first.read.ballot {
                waiting.removeFirst()
                answer(.readRefused(first.read.reader, .notLeader(standing.leader?.rawValue)))
            } else if first.needs <= handedUpTo {
                waiting.removeFirst()
                startReading(first.query, first.read)
            } else {
                return
            }
        }
    }

    private func startReading(_ query: Query, _ read: PendingRead) {
        reading.append(read)
        gatheredReads.append(query)
        // The table reads while the event loop still takes requests, and has its first answers when it is through with them.
        if gatheredReads.count >= Self.readsHandedOver { handOverReads() } else { timing.requestTurn() }
    }

    private func handOverReads() {
        guard !gatheredReads.isEmpty else { return }
        feedTable()
        table.read(gatheredReads)
        gatheredReads.removeAll(keepingCapacity: true)
    }

    func completed(_ event: StorageEvent) {
        switch event {
        case .ledgerCommitted(let receipt):
            isCommitting = false
            step(.persisted(receipt))
            endTurn()
        case .ledgerEntries(let read, let rows):
            catchUpCost.read(rows.entries)
            if let request = ledgerReads.removeValue(forKey: read.token) { step(.ledgerRead(request, rows)) }
        case .applied(let slot, let commands):
            step(.applied(upTo: slot))
            let isLeader = standing.leads != nil
            for command in commands {
                if let known = sessions.index(forKey: command.session) { sessions.values[known].lastApplied = command.sequence }
                answer(.applied(command, isLeader: isLeader))
            }
        case .hashed(let hash):
            tableHash = hash
            onTableHash(hash)
        case .tableDurable(let slot): compact(durable: slot)
        case .roomChanged(let hasRoom):
            self.hasRoom = hasRoom
            step(.roomChanged(hasRoom: hasRoom))
        case .snapshotInstalled(let snapshot):
            handedUpTo = max(handedUpTo, snapshot.appliedUpTo)
            step(.snapshotInstalled(snapshot))
        case .snapshotOffered(let offer): if let offer { catchUpCost.made(offer) }
        case .snapshotRead, .snapshotStored, .snapshotRefused: break
        case .answers(let outcomes):
            for outcome in outcomes { finish(reading.removeFirst(), outcome) }
            if isConfirmationWanted {
                isConfirmationWanted = false
                step(.confirmationWanted)
            }
        }
    }

    // MARK: The turn

    func endTurn() {
        if !isCommitting { proposeGathered() }
        if timing.now >= standing.deadline { step(.ticked(chance: timing.random())) }
        startWaiting()
        if feed.isDue(at: timing.now) { feedTable() }
        handOverReads()
        if !isCommitting, let write = gathered {
            gathered = nil
            isCommitting = true
            // The followers' commits begin no later than this one, which may take this thread's processor.
            flush()
            ledger.commit(write)
        }
    }

    private func proposeGathered() {
        guard !proposals.isEmpty else { return }
        if standing.leads == nil { return refuseProposals() }
        let isNear = isQuorumNear
        guard !standing.hasOpenProposals || !isNear else { return }
        let count = min(standing.proposalRoom, proposals.count, isNear ? ProposalPacing.batchMax : .max)
        guard count > 0 else { return }
        var byteRoom = standing.proposalByteRoom
        var commands: [[UInt8]] = []
        commands.reserveCapacity(count)
        while commands.count < count, byteRoom > 0 {
            let proposal = proposals.removeFirst()
            proposalBytes -= proposal.command.count
            byteRoom -= proposal.command.count
            commands.append(proposal.command)
        }
        step(.proposed(commands, stamp: timing.stamp))
    }

    private var isQuorumNear: Bool {
        guard let configuration = group.configuration else { return false }
        return pacing.areNear(livePeers.map(\.node), atLeast: configuration.quorum - 1)
    }

    /// Those that have answered lately.
    private var livePeers: [PeerProgress] {
        let now = timing.now
        let patience = group.settings.patience
        return group.peerProgress.filter { peer in peer.repliedAt.map { now <= $0 + patience + patience } ?? false }
    }

    /// What was queued and never proposed has not happened.
    private func refuseProposals() {
        let refused = proposals
        proposals = []
        proposalBytes = 0
        for proposal in refused {
            answer(.refused(proposal.origin, proposal.session, proposal.sequence, .notLeader(standing.leader?.rawValue)))
        }
    }

    @discardableResult private func step(_ input: Input) -> [Notice] {
        let output = group.step(input, at: timing.now)
        standing = output.standing
        knownReadStanding = nil
        if let write = output.write {
            if gathered == nil { gathered = write } else { gathered?.merge(write) }
            timing.requestTurn()
        }
        for envelope in output.messages { send(envelope) }
        if !output.apply.isEmpty { feed.add(output.apply, at: timing.now) }
        // A leader's clients wait for it.
        if standing.leads != nil { feedTable() }
        for request in output.reads { serve(request) }
        if let wish = output.snapshotWanted { onSnapshotWanted(wish) }
        for notice in output.notices { onNotice(notice) }
        if !proposals.isEmpty || !waiting.isEmpty { timing.requestTurn() }
        finishConfirmed()
        return output.notices
    }

    private func feedTable() {
        let entries = feed.take()
        guard let last = entries.last else { return }
        // A snapshot may have come while they waited: the table drops what it has already.
        handedUpTo = max(handedUpTo, last.slot)
        table.apply(entries)
    }

    /// A follower's acknowledgement rests on its own commit, and nothing on what it has applied, once it has rolled its table forward and
    /// may stand. With a leader it is the other way round, unless its commit may be what makes something chosen, is what applying it waits for, or holds up the next one.
    var awaited: AwaitedCompletions {
        guard standing.leads != nil else { return AwaitedCompletions(commits: true, applied: !group.isRolledForward) }
        let isNext = gathered != nil || !proposals.isEmpty
        return AwaitedCompletions(
            commits: isNext || standing.choosesWithOwnWrite || handedUpTo < standing.chosenUpTo, applied: true)
    }

    // MARK: The log

    private func compact(durable slot: Slot) {
        let needed = livePeers.map(\.acknowledged.next) + neededSlots()
        let upTo = compaction.upTo(durable: slot, chosen: standing.chosenUpTo, needed: needed, hasRoom: hasRoom)
        compactedUpTo = max(compactedUpTo, upTo)
        ledger.compact(upTo: compactedUpTo, durableUpTo: slot)
    }

    /// Rows for a peer; or, where it lacks more than a snapshot would be, word that they are not to be had.
    private func serve(_ request: LogRequest) {
        switch catchUpCost.choice(from: request.from, through: standing.chosenUpTo) {
        case .log: readLedger(request)
        case .logWhileWeighing:
            onWeighingWanted(request.from)
            readLedger(request)
        case .snapshot: step(.ledgerRead(request, LogRows(entries: [], compactedUpTo: request.from)))
        }
    }

    private func readLedger(_ request: LogRequest) {
        ledgerReadToken += 1
        ledgerReads[ledgerReadToken] = request
        ledger.read(
            LedgerRead(
                token: ledgerReadToken, from: request.from, through: request.through, byteLimit: messageBytesMax))
    }

    // MARK: Reads

    /// Leadership is checked after the table has been read: a lease that still holds, or else a quorum that followed this
    /// ballot after the read had arrived.
    private func finish(_ read: PendingRead, _ outcome: Outcome) {
        guard let ballot = read.ballot else {
            if let staleness = readStanding.staleness(at: timing.now), staleness <= stalenessMax {
                answer(.read(read.reader, outcome))
            } else {
                answer(.readStale(read.reader))
            }
            return
        }
        if standing.leads == ballot, readStanding.leaseHolds(at: timing.now) {
            answer(.read(read.reader, outcome))
        } else {
            confirming.append(ConfirmingRead(read: read, outcome: outcome))
            isConfirmationWanted = true
        }
    }

    private var readStanding: ReadStanding {
        if let knownReadStanding { return knownReadStanding }
        let standing = group.readStanding
        knownReadStanding = standing
        return standing
    }

    private func finishConfirmed() {
        while let first = confirming.first {
            if standing.leads != first.read.ballot {
                confirming.removeFirst()
                answer(.readRefused(first.read.reader, .notLeader(standing.leader?.rawValue)))
            } else if let confirmedAt = group.confirmedAt, confirmedAt >= first.read.arrivedAt {
                confirming.removeFirst()
                answer(.read(first.read.reader, first.outcome))
            } else {
                return
            }
        }
    }
}

/// Who asked for a read.
enum Reader: Hashable {
    /// This node's own client; `isStaleAllowed`: from this table, with a bound on its age, whoever leads.
    case local(UInt64, isStaleAllowed: Bool)
    case remote(NodeID, UInt64)
}

/// What a replica has to say to a shard's clients, here or on another node.
enum ReplicaAnswer {
    case applied(AppliedCommand, isLeader: Bool)
    case refused(NodeID, SessionID, UInt64, Refusal)
    case read(Reader, Outcome)
    case readStale(Reader)
    case readRefused(Reader, Refusal)
}
