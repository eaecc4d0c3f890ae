/// Since when no leader was heard, and the last one that was.
struct Silence: Hashable, Sendable {
    var since: Instant
    var leader: NodeID?
    var ballot = Ballot.zero

    init(since: Instant) { self.since = since }

    init(since: Instant, leader: NodeID, ballot: Ballot) {
        self.since = since
        self.leader = leader
        self.ballot = ballot
    }
}

/// An attempt to become leader.
struct Candidacy: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Pre-vote: nothing durable yet.
        case asking(granted: [Life])
        /// The ballot is being made durable, or is: then `kept` is there and prepares have left.
        case standing(kept: Kept?)
    }

    let ballot: Ballot
    var phase: Phase
    /// The lease given up in this candidate's favour.
    let released: Ballot?
    var startedAt: Instant
    var askedAt: Instant
    let settings: Settings
    var promises: [Promised] = []

    /// One acceptor's promise, as far as its parts have come.
    struct Promised: Hashable, Sendable {
        let life: Life
        let parts: UInt16
        var chosenUpTo: Slot
        var received: [UInt16] = []
        var entries: [SlottedEntry] = []

        var isWhole: Bool { received.count == Int(parts) }
    }

    var deadline: Instant { min(startedAt + settings.candidacyTimeout, askedAt + settings.heartbeatInterval * 2) }

    mutating func take(_ word: Promise, from life: Life) {
        // An acceptor that came to know more chosen slots between two sendings starts its promise anew.
        if let index = promises.firstIndex(where: { $0.life == life }) {
            if promises[index].parts == word.parts, promises[index].chosenUpTo == word.chosenUpTo {
                guard !promises[index].received.contains(word.part) else { return }
                promises[index].received.append(word.part)
                promises[index].entries.append(contentsOf: word.entries)
                return
            }
            guard !promises[index].isWhole else { return }
            promises.remove(at: index)
        }
        promises.append(
            Promised(life: life, parts: word.parts, chosenUpTo: word.chosenUpTo, received: [word.part], entries: word.entries))
    }
}

/// Pre-vote, and phase 1 as the candidate sees it.
extension Group {
    /// What a leader reads from, and proposes above, has to be here.
    private var mayLead: Bool { isVoter && awaited == nil && isRolledForward }

    package var isRolledForward: Bool { appliedUpTo >= rollsForwardTo }

    /// When this replica's patience with a silent leader ends.
    var standsAt: Instant {
        guard mayLead else { return .distantFuture }
        let jitter = Span(nanoseconds: Int64(chance % UInt64(max(1, settings.electionJitter.nanoseconds))))
        return max(silence.since + settings.patience, grant.endsAt) + jitter
    }

    mutating func tickElection(_ now: Instant, _ output: inout Output) {
        guard mayLead else { return }
        guard let candidacy else {
            if now >= standsAt { askForVotes(now, &output) }
            return
        }
        if now >= candidacy.startedAt + settings.candidacyTimeout {
            self.candidacy = nil
            // Waits its random part again, so that two candidates part.
            silence = Silence(since: now - settings.patience)
        } else if now >= candidacy.deadline {
            askAgain(now, &output)
        }
    }

    private mutating func askForVotes(_ now: Instant, _ output: inout Output) {
        silence.leader = nil
        let ballot = Ballot(round: max(promised.round, highestRoundSeen) + 1, node: identity.node)
        candidacy = Candidacy(
            ballot: ballot, phase: .asking(granted: []), released: nil, startedAt: now, askedAt: now, settings: settings)
        if isQuorum([identity.life]) { return stand(releasing: nil, now, &output) }
        askAgain(now, &output)
    }

    private mutating func askAgain(_ now: Instant, _ output: inout Output) {
        guard let current = candidacy else { return }
        candidacy?.askedAt = now
        switch current.phase {
        case .asking(let granted):
            for life in otherLives where !granted.contains(life) {
                send(.preVote(PreVote(ballot: current.ballot, chosenUpTo: chosenUpTo)), to: life.node, &output)
            }
        case .standing(let kept?):
            for life in otherLives where !current.promises.contains(where: { $0.life == life && $0.isWhole }) {
                send(
                    .prepare(Prepare(ballot: current.ballot, from: chosenUpTo.next, released: current.released)), restingOn: kept,
                    to: life.node, &output)
            }
        case .standing(nil): break
        }
    }

    mutating func hear(_ word: PreVote, from candidate: NodeID, _ now: Instant, _ output: inout Output) {
        guard isVoter else { return }
        let isLeaderSilent = leadership == nil && now >= silence.since + settings.patience
        let isGranted = word.ballot > promised && isLeaderSilent && now >= listensUntil && grant.allowsAny(at: now)
        send(.preVoteReply(PreVoteReply(ballot: word.ballot, isGranted: isGranted, promised: promised)), to: candidate, &output)
    }

    mutating func hear(_ word: PreVoteReply, from voter: Life, _ now: Instant, _ output: inout Output) {
        highestRoundSeen = max(highestRoundSeen, word.promised.round)
        guard let current = candidacy, word.ballot == current.ballot, word.isGranted, case .asking(var granted) = current.phase,
            !granted.contains(voter)
        else { return }
        granted.append(voter)
        candidacy?.phase = .asking(granted: granted)
        if isQuorum(granted + [identity.life]) { stand(releasing: nil, now, &output) }
    }

    /// The ballot is durable before any prepare leaves, so that no later life uses it again.
    mutating func stand(releasing released: Ballot?, _ now: Instant, _ output: inout Output) {
        let ballot = Ballot(round: max(promised.round, highestRoundSeen) + 1, node: identity.node)
        invariant(ballot > promised, "a candidate's ballot is above everything that it has promised")
        promised = ballot
        silence = Silence(since: now)
        candidacy = Candidacy(
            ballot: ballot, phase: .standing(kept: nil), released: released, startedAt: now, askedAt: now, settings: settings)
        let number = write(promise: ballot, now, &output)
        vows.hold(.stand(ballot), until: number)
        output.notices.append(.standing(ballot))
    }

    mutating func keptStand(_ ballot: Ballot, _ kept: Kept, _ now: Instant, _ output: inout Output) {
        guard candidacy?.ballot == ballot else { return }
        candidacy?.phase = .standing(kept: kept)
        askAgain(now, &output)
        leadIfPromised(now, &output)
    }

    mutating func hear(_ word: Promise, from acceptor: Life, _ now: Instant, _ output: inout Output) {
        guard candidacy?.ballot == word.ballot, word.parts > 0, word.part < word.parts else { return }
        candidacy?.take(word, from: acceptor)
        leadIfPromised(now, &output)
    }

    mutating func hear(_ word: Rejection, from acceptor: NodeID, _ now: Instant, _ output: inout Output) {
        highestRoundSeen = max(highestRoundSeen, word.promised.round)
        guard word.promised > word.ballot else { return }
        if candidacy?.ballot == word.ballot {
            candidacy = nil
            silence = Silence(since: now - settings.patience)
        } else if leadership?.ballot == word.ballot {
            stepDown(.higherBallot(word.promised, at: acceptor), now, &output)
        }
    }

    mutating func hear(_ word: Handover, from leader: NodeID, _ now: Instant, _ output: inout Output) {
        guard mayLead, leadership == nil, word.ballot == promised, word.ballot.node == leader else { return }
        stand(releasing: word.ballot, now, &output)
    }

    /// Phase 1 is over once a quorum's promises are whole, and everything that any of this quorum knows to be chosen is here. Who knows
    /// more is asked for it, and not waited for where the others are a quorum: it may have lost what it knew.
    mutating func leadIfPromised(_ now: Instant, _ output: inout Output) {
        guard let candidacy, case .standing(_?) = candidacy.phase else { return }
        let whole = candidacy.promises.filter(\.isWhole)
        let level = whole.filter { $0.chosenUpTo <= chosenUpTo }
        if isQuorum(level.map(\.life) + [identity.life]) {
            return lead(candidacy.ballot, reported: level.map(\.entries), now, &output)
        }
        guard isQuorum(whole.map(\.life) + [identity.life]), let ahead = whole.max(by: { $0.chosenUpTo < $1.chosenUpTo }) else { return }
        fetch(through: ahead.chosenUpTo, from: ahead.life.node, now, &output)
    }

    mutating func stepDown(_ reason: StepDownReason, _ now: Instant, _ output: inout Output) {
        candidacy = nil
        guard let ballot = leadership?.ballot else { return }
        leadership = nil
        silence = Silence(since: now)
        output.notices.append(.steppedDown(ballot, reason))
    }
}
