/// A granter's word: until it is over, no ballot but the lease holder's is promised (docs/protocol.md, "Leases").
struct LeaseGrant: Hashable, Sendable {
    /// Nothing is promised before: a life before this one may have granted a lease just before it ended.
    private let guardedUntil: Instant
    private var ballot = Ballot.zero
    private var until: Instant

    /// `aloneSince`: no earlier life can have granted anything since. A directory's first life has none before it.
    init(boot: Boot, aloneSince: Instant, settings: Settings) {
        guardedUntil = boot.rawValue > 1 ? aloneSince + settings.grantSpan(for: settings.lease) : aloneSince
        until = aloneSince
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

    /// What reads are answered by until the next step.
    package var readStanding: ReadStanding {
        let confirmedAt = settings.leasedReads ? confirmedAt : nil
        return ReadStanding(
            leaseEnd: confirmedAt.map { $0 == .distantFuture ? $0 : $0 + settings.lease },
            isWhole: isReadable && appliedUpTo == chosenUpTo, asOf: freshness.asOf)
    }

    /// Whether no other leader can have been elected by now. To be asked *after* what it is to cover has been read.
    package func leaseHolds(at now: Instant) -> Bool { readStanding.leaseHolds(at: now) }

    /// A leader reads once everything phase 1 reported, and an entry of its own, are applied.
    package var isReadable: Bool { leadership?.isReady ?? false }

    /// How old this replica's table may be; nil where nothing bounds it.
    package func staleness(at now: Instant) -> Span? { readStanding.staleness(at: now) }
}

/// What a group says of reads, as of its last step.
package struct ReadStanding: Hashable, Sendable {
    /// No other leader can have been elected before; nil where this replica holds no lease.
    let leaseEnd: Instant?
    /// A leader's table that holds all that is chosen.
    let isWhole: Bool
    /// The table holds everything acknowledged before this moment.
    let asOf: Instant?

    /// To be asked *after* what it is to cover has been read.
    package func leaseHolds(at now: Instant) -> Bool { leaseEnd.map { now < $0 } ?? false }

    /// How old the table may be; nil where nothing bounds it.
    package func staleness(at now: Instant) -> Span? {
        if isWhole, leaseHolds(at: now) { return .zero }
        return asOf.map { now - $0 }
    }
}
