/// A granter's word: until it is over, no ballot but the lease holder's is promised (docs/protocol.md, "Leases").
struct LeaseGrant: Hashable, Sendable {
    /// Nothing is promised before: a life before this one may have granted a lease just before it ended.
    private let guardedUntil: Instant
    private var ballot = Ballot.zero
    private var until: Instant

    /// A directory's first life has granted nothing before.
    init(boot: Boot, startedAt: Instant, settings: Settings) {
        guardedUntil = boot.rawValue > 1 ? startedAt + settings.grantSpan(for: settings.lease) : startedAt
        until = startedAt
    }

    mutating func extend(for ballot: Ballot, until end: Instant) {
        // A later ballot was elected by a quorum, so the earlier lease was over.
        until = ballot == self.ballot ? max(until, end) : end
        self.ballot = ballot
    }

    func allows(_ word: Prepare, at now: Instant) -> Bool {
        now >= guardedUntil && (now >= until || word.released == ballot)
    }

    func allowsAny(at now: Instant) -> Bool { now >= guardedUntil && now >= until }

    var endsAt: Instant { max(guardedUntil, until) }
}

/// How fresh this replica's table is: a leader that was sure to lead after this replica's probe said what was chosen then.
struct Freshness: Hashable, Sendable {
    /// The table holds everything acknowledged before this moment.
    private(set) var asOf: Instant?
    /// Answers to probes whose slots are not applied yet, ascending.
    private var pending: [Answer] = []
    private static let pendingMax = 64

    private struct Answer: Hashable, Sendable {
        let probe: Instant
        let needs: Slot
    }

    mutating func note(probe: Instant, needs slot: Slot, appliedUpTo: Slot) {
        if pending.count < Self.pendingMax { pending.append(Answer(probe: probe, needs: slot)) }
        applied(upTo: appliedUpTo)
    }

    mutating func applied(upTo slot: Slot) {
        while let answer = pending.first, answer.needs <= slot {
            asOf = max(asOf ?? answer.probe, answer.probe)
            pending.removeFirst()
        }
    }
}

extension Group {
    /// The latest moment of this leader's clock after which a quorum still followed it: the quorum-th newest `sentAt` echoed.
    /// Nil where this replica does not lead, or no quorum has answered yet.
    package var confirmedAt: Instant? {
        guard let leadership else { return nil }
        var confirmed = Instant.distantFuture
        for open in configurations.open(above: chosenUpTo) {
            let others = open.configuration.quorum - (open.configuration.isVoter(identity.life) ? 1 : 0)
            guard others > 0 else { continue }
            let echoes = leadership.progress.compactMap { open.configuration.isVoter($0.life) ? $0.echoed : nil }.sorted(by: >)
            guard echoes.count >= others else { return nil }
            confirmed = min(confirmed, echoes[others - 1])
        }
        return confirmed
    }

    /// Whether no other leader can have been elected by now. To be asked *after* what it is to cover has been read.
    package func leaseHolds(at now: Instant) -> Bool {
        guard settings.leasedReads, let confirmedAt else { return false }
        return confirmedAt == .distantFuture || now < confirmedAt + settings.lease
    }

    /// A leader reads once everything phase 1 reported, and an entry of its own, are applied.
    package var isReadable: Bool { leadership?.isReady ?? false }

    /// How old this replica's table may be; nil where nothing bounds it.
    package func staleness(at now: Instant) -> Span? {
        if isReadable, appliedUpTo == chosenUpTo, leaseHolds(at: now) { return .zero }
        return freshness.asOf.map { now - $0 }
    }
}
