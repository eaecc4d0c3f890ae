internal import KeyValue
internal import Paxos

/// One node's client of one shard: keeps a session, finds the leader, sends again, and answers each command exactly once.
///
/// Commands of the session travel in runs: each names the one sent before it, so a leader takes them in order or not at all.
/// When an answer is overdue, or the leader changes, a new run starts from the lowest unanswered command; whatever had
/// been applied is answered from the session's kept outcomes.
final class ShardClient {
    /// After a refusal.
    private static let retryDelay = Span.milliseconds(10)
    /// Without an answer.
    private static let resendDelay = Span.milliseconds(1000)

    private let node: NodeID
    private let peers: [NodeID]
    private let shardName: String
    /// Said as often as it is asked under an overload, so made once.
    private let full: ServiceFailure
    private let requestTimeout: Span
    private let limits: ShardLimits
    private let timing: any TimingPort
    /// Hands a message to a node, which may be this one.
    private let send: (ServiceMessage, NodeID) -> Void

    private var session: SessionID?
    private var isOpen = false
    private var writes = PendingRing<Write>()
    /// The first write that was not sent in this run, and the one sent before it (0: none yet).
    private var runNext: UInt64 = 1
    private var runPrevious: UInt64 = 0
    /// The last one in this run that keeps an outcome: the session's own commands keep none.
    private var runMutation: UInt64 = 0
    private var lastSentAt = Instant.zero
    private var queries: PendingRing<PendingQuery>
    /// Whom to send to; nil while no leader is known.
    private var leader: NodeID?
    /// What this node's own replica last said.
    private var ownView: NodeID?
    /// This node's replica is not in the group, and knows no leader: ask the others.
    private var isBlind = false
    private var retryAt: Instant?

    typealias Completion = (ServiceReply) -> Void

    // Objects: what waits is looked at and changed where it is, many times for each command.

    private final class Write {
        let mutation: Mutation
        let deadline: Instant
        /// Handed to a leader, and not refused by it.
        var openAttempts = 0
        var sentAt = Instant.zero
        let completion: Completion?

        init(mutation: Mutation, deadline: Instant, completion: Completion?) {
            self.mutation = mutation
            self.deadline = deadline
            self.completion = completion
        }

        var isOpening: Bool { if case .openSession = mutation { true } else { false } }
    }

    private final class PendingQuery {
        let query: Query
        let deadline: Instant
        var isSent = false
        var sentAt = Instant.zero
        let completion: Completion

        init(query: Query, deadline: Instant, completion: @escaping Completion) {
            self.query = query
            self.deadline = deadline
            self.completion = completion
        }
    }

    init(
        node: NodeID, peers: [NodeID], shardName: String, requestTimeout: Span, limits: ShardLimits, timing: any TimingPort,
        send: @escaping (ServiceMessage, NodeID) -> Void
    ) {
        self.node = node
        self.peers = peers
        self.shardName = shardName
        full = .busy("shard \(shardName) has as many commands waiting as may be; try again")
        self.requestTimeout = requestTimeout
        self.limits = limits
        self.timing = timing
        self.send = send
        // An answer meant for an earlier life of this node may still be on its way.
        queries = PendingRing(base: timing.random() >> 16 + 1)
    }

    var writeCount: Int { writes.count }

    private var keepAliveInterval: Span { Span(nanoseconds: limits.sessionTimeToLive.nanoseconds / 3) }
    var queryCount: Int { queries.count }

    // MARK: Commands

    func write(_ mutation: Mutation, completion: @escaping Completion) {
        guard writes.count < limits.writesMax else {
            return completion(.failed(full))
        }
        openSessionIfNeeded()
        _ = writes.append(Write(mutation: mutation, deadline: timing.now + requestTimeout, completion: completion))
        sendRun()
    }

    func query(_ query: Query, completion: @escaping Completion) {
        guard queries.count < limits.queriesMax else {
            return completion(.failed(full))
        }
        let token = queries.append(PendingQuery(query: query, deadline: timing.now + requestTimeout, completion: completion))
        sendQuery(token)
    }

    private func openSessionIfNeeded() {
        guard session == nil else { return }
        session = SessionID(node: node.rawValue, random: timing.random())
        isOpen = false
        restartRun()
        _ = writes.append(
            Write(
                mutation: .openSession(timeToLive: UInt64(limits.sessionTimeToLive.milliseconds)), deadline: .distantFuture, completion: nil
            ))
    }

    // MARK: Sending

    /// This node's own replica is the authority on who leads, unless it is blind.
    func leaderIs(_ leader: NodeID?, isBlind: Bool) {
        self.isBlind = isBlind
        guard leader != ownView || (isBlind && self.leader == nil) else { return }
        ownView = leader
        turn(to: leader ?? (isBlind ? peers.first : nil))
    }

    private func turn(to leader: NodeID?) {
        guard leader != self.leader else { return }
        self.leader = leader
        sendAllAgain()
    }

    private func sendAllAgain() {
        retryAt = nil
        restartRun()
        sendRun()
        for token in queries.numbers {
            queries[token]?.isSent = false
            sendQuery(token)
        }
    }

    private func restartRun() {
        runNext = writes.base
        runPrevious = 0
        runMutation = 0
    }

    private func sendRun() {
        guard let leader, let session, retryAt == nil else { return }
        runNext = max(runNext, writes.base)
        let now = timing.now
        while runNext < writes.next {
            let number = runNext
            guard let write = writes[number] else {
                runNext += 1
                continue
            }
            guard isOpen || write.isOpening else { return }
            write.openAttempts += 1
            write.sentAt = now
            let command = SessionCommand(
                session: session, sequence: number, answeredBelow: writes.base, previous: runMutation, mutation: write.mutation)
            let previous = runPrevious
            runPrevious = number
            if write.completion != nil { runMutation = number }
            runNext = number + 1
            lastSentAt = now
            send(.propose(session: session, sequence: number, previous: previous, command: command.bytes), leader)
        }
    }

    private func sendQuery(_ token: UInt64) {
        guard let leader, retryAt == nil, let query = queries[token], !query.isSent else { return }
        query.isSent = true
        query.sentAt = timing.now
        send(.query(token: token, query.query), leader)
    }

    // MARK: Answers

    func received(_ message: ServiceMessage) {
        switch message {
        case .outcome(let session, let sequence, let outcome):
            if session == self.session { finish(sequence, outcome) }
        case .refused(let session, let sequence, let refusal):
            if session == self.session { refused(sequence, refusal) }
        case .answer(let token, let outcome):
            queries.remove(token)?.completion(.outcome(outcome))
        case .queryRefused(let token, let refusal):
            queryRefused(token, refusal)
        case .answerTooLarge(let token, let byteCount):
            queries.remove(token)?.completion(
                .failed(.tooLarge("the answer of \(byteCount) bytes is more than one node sends another: ask for less at once")))
        case .propose, .query, .snapshotWanted, .snapshotChunk, .snapshotUnavailable, .tableHash:
            break
        }
    }

    private func finish(_ sequence: UInt64, _ outcome: Outcome) {
        guard let write = writes[sequence] else { return }
        switch outcome {
        case .failed(.noSession): sessionLost(at: sequence)
        case .failed where write.isOpening:
            sessionLost(at: sequence)
            retryLater()
        case .failed(.outOfOrder):
            // Counts as open until the end: both the leader and this node's own table may report the same attempt.
            retryLater()
        case .failed(.alreadyAnswered):
            writes.remove(sequence)?.completion?(.failed(indeterminate))
        case .failed(.sessionFull):
            let failure: ServiceFailure =
                write.openAttempts > 1 ? indeterminate : .busy("shard \(shardName) keeps too many unanswered outcomes; try again")
            writes.remove(sequence)?.completion?(.failed(failure))
        case .done, .set, .value, .values, .integer, .page, .type, .failed:
            _ = writes.remove(sequence)
            if write.isOpening {
                isOpen = true
                restartRun()
                sendRun()
            }
            write.completion?(.outcome(outcome))
        }
    }

    private func refused(_ sequence: UInt64, _ refusal: Refusal) {
        guard let write = writes[sequence] else { return }
        write.openAttempts = max(0, write.openAttempts - 1)
        switch refusal {
        case .busy where write.completion != nil && write.openAttempts == 0:
            writes.remove(sequence)?.completion?(.failed(.busy("shard \(shardName)'s leader has its hands full; try again")))
            // The leader refuses what names the command that it did not take as the one before.
            retryLater()
        case .busy: retryLater()
        case .diskFull where write.completion != nil && write.openAttempts == 0:
            writes.remove(sequence)?.completion?(.failed(diskFull))
            retryLater()
        case .diskFull: retryLater()
        case .notLeader(let hint): follow(hint.map(NodeID.init(rawValue:)))
        }
    }

    private func queryRefused(_ token: UInt64, _ refusal: Refusal) {
        guard queries[token] != nil else { return }
        switch refusal {
        case .busy:
            queries.remove(token)?.completion(.failed(.busy("shard \(shardName)'s leader has its hands full; try again")))
        case .diskFull: queries.remove(token)?.completion(.failed(diskFull))
        case .notLeader(let hint):
            let hint = hint.map(NodeID.init(rawValue:))
            // Whoever was asked before refuses what has been sent on since.
            if isBlind, let hint, hint == leader { return }
            queries[token]?.isSent = false
            follow(hint)
        }
    }

    /// The session has expired, or never was. What was applied before can't be told from what was not; but where no other
    /// attempt at `sequence` is open, whatever was handed over behind it stands behind it in the log, and is refused there too.
    private func sessionLost(at sequence: UInt64) {
        let numbers = writes.numbers
        let isOnlyAttempt = writes[sequence].map { $0.openAttempts <= 1 } ?? false
        var failed: [Completion] = []
        var again: [Write] = []
        for number in numbers {
            guard let write = writes.remove(number) else { continue }
            if write.isOpening { continue }
            if number >= sequence, isOnlyAttempt { write.openAttempts = 0 }
            if write.openAttempts > 0 {
                if let completion = write.completion { failed.append(completion) }
            } else if write.completion != nil {
                again.append(write)
            }
        }
        session = nil
        isOpen = false
        writes = PendingRing()
        if !again.isEmpty {
            openSessionIfNeeded()
            for write in again { _ = writes.append(write) }
            sendRun()
        }
        for completion in failed { completion(.failed(indeterminate)) }
    }

    private var indeterminate: ServiceFailure {
        .indeterminate("it was handed to shard \(shardName)'s leader, and no answer came: it may have happened")
    }

    private var diskFull: ServiceFailure {
        .diskFull("the disks of shard \(shardName) have no room: nothing was written; reads and deletes go on, make room")
    }

    // MARK: Time

    /// Of a run that a blind client has sent to the wrong node each command is refused: the first refusal turns it, and the others
    /// must not turn it away again, or the run goes back and forth for ever, and into the log each time.
    private func follow(_ hint: NodeID?) {
        if isBlind, let hint, hint != node { turn(to: hint) } else { retryLater() }
    }

    private func retryLater() {
        guard retryAt == nil else { return }
        retryAt = timing.now + Self.retryDelay
        timing.requestTurn()
    }

    /// The next moment at which `tick` has something to do.
    var deadline: Instant {
        var deadline = min(retryAt ?? .distantFuture, firstExpiry ?? .distantFuture)
        // Only what `tick` acts upon: a deadline that stays in the past wakes without end.
        if retryAt == nil, let overdueAt { deadline = min(deadline, overdueAt) }
        if isOpen, writes.isEmpty { deadline = min(deadline, lastSentAt + keepAliveInterval) }
        return deadline
    }

    /// When the oldest of what was sent should have been answered.
    private var overdueAt: Instant? {
        guard leader != nil else { return nil }
        let write = writes[writes.base].flatMap { $0.openAttempts > 0 ? $0.sentAt + Self.resendDelay : nil }
        let query = queries[queries.base].flatMap { $0.isSent ? $0.sentAt + Self.resendDelay : nil }
        guard let write, let query else { return write ?? query }
        return min(write, query)
    }

    /// Deadlines ascend with the numbers, but for the session's own commands, which have none.
    private var firstExpiry: Instant? {
        let write = firstWaiting.flatMap { writes[$0]?.deadline }
        let query = queries[queries.base]?.deadline
        guard let write, let query else { return write ?? query }
        return min(write, query)
    }

    private var firstWaiting: UInt64? {
        var number = writes.base
        while number < writes.next {
            if let write = writes[number], write.deadline != .distantFuture { return number }
            number += 1
        }
        return nil
    }

    func tick() {
        let now = timing.now
        expire(now)
        if let retryAt, now >= retryAt {
            if isBlind { leader = nextPeer }
            sendAllAgain()
        } else if retryAt == nil, let overdueAt, now >= overdueAt {
            if isBlind { leader = nextPeer }
            sendAllAgain()
        }
        if isOpen, writes.isEmpty, now >= lastSentAt + keepAliveInterval {
            _ = writes.append(Write(mutation: .keepSession, deadline: .distantFuture, completion: nil))
            sendRun()
        }
    }

    private var nextPeer: NodeID? { peers.first { $0 > (leader ?? node) } ?? peers.first }

    private func expire(_ now: Instant) {
        let waited = "\(Int(requestTimeout.milliseconds)) ms"
        while let number = firstWaiting, let write = writes[number], write.deadline <= now {
            _ = writes.remove(number)
            let failure: ServiceFailure =
                write.openAttempts > 0
                ? indeterminate : .unavailable("no leader of shard \(shardName) could be reached within \(waited): nothing happened")
            write.completion?(.failed(failure))
        }
        while let query = queries[queries.base], query.deadline <= now {
            _ = queries.remove(queries.base)
            query.completion(.failed(.unavailable("no leader of shard \(shardName) answered within \(waited)")))
        }
    }
}
