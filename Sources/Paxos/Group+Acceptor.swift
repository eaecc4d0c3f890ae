/// What this replica has accepted under the newest ballot: entries are taken in slot order, so that the log of a ballot
/// has no gap and one number acknowledges all of it.
struct Acceptance: Hashable, Sendable {
    var ballot: Ballot
    /// The first slot that `ballot`'s leader proposed.
    var first: Slot
    /// Every slot from `first` up to here is accepted at `ballot`, or known to be chosen.
    var upTo: Slot
    /// Runs that came before their turn, ascending by first slot; bounded by α slots and by bytes.
    var early: [Accept] = []
    var earlyBytes = 0
    /// The chosen index that the last heartbeat of `ballot` announced.
    var announced = Slot.none

    init(ballot: Ballot, first: Slot, upTo: Slot) {
        self.ballot = ballot
        self.first = first
        self.upTo = upTo
    }
}

/// Phase 1b and 2b.
extension Group {
    mutating func hear(_ word: Prepare, from candidate: NodeID, _ now: Instant, _ output: inout Output) {
        guard isVoter, word.ballot.node == candidate else { return }
        if word.ballot == promised {
            // The candidate asks again: the promise is durable already, or will be sent when it is.
            // Cut into the same parts as before, wherever the candidate stands by now: parts of two sendings may meet.
            if let kept = keptPromise, case .promise(word.ballot, candidate, let from) = kept.vow {
                sendPromise(word.ballot, to: candidate, from: from, restingOn: kept, &output)
            }
            return
        }
        guard word.ballot > promised, mayPromise(word, now) else {
            return send(.rejection(Rejection(ballot: word.ballot, promised: promised)), to: candidate, &output)
        }
        stepDown(.higherBallot(word.ballot, at: candidate), now, &output)
        promised = word.ballot
        silence = Silence(since: now)
        let number = write(promise: promised, now, &output)
        vows.hold(.promise(word.ballot, to: candidate, from: word.from), until: number)
    }

    /// No other ballot is promised while a lease may be in force: one that this replica granted, one that it holds, or one
    /// that it may have granted before it was restarted.
    private func mayPromise(_ word: Prepare, _ now: Instant) -> Bool {
        if leadership != nil, leaseHolds(at: now) { return false }
        return grant.allows(word, at: now)
    }

    mutating func sendPromise(_ ballot: Ballot, to candidate: NodeID, from: Slot, restingOn kept: Kept, _ output: inout Output) {
        guard promised == ballot else { return }
        keptPromise = kept
        let parts = promiseParts(from: max(from, chosenUpTo.next))
        for (index, entries) in parts.enumerated() {
            send(
                .promise(
                    Promise(ballot: ballot, chosenUpTo: chosenUpTo, part: UInt16(index), parts: UInt16(parts.count), entries: entries)),
                restingOn: kept, to: candidate, &output)
        }
    }

    /// What is accepted from `from` on, in parts of a message's size; one empty part where nothing is.
    private func promiseParts(from: Slot) -> [[SlottedEntry]] {
        var parts: [[SlottedEntry]] = []
        var part: [SlottedEntry] = []
        var bytes = 0
        var slot = from
        while slot <= log.last {
            defer { slot = slot.next }
            guard let entry = log[slot] else { continue }
            if bytes + entry.byteCount > settings.messageBytesMax, !part.isEmpty {
                parts.append(part)
                part = []
                bytes = 0
            }
            bytes += entry.byteCount
            part.append(SlottedEntry(slot: slot, entry: entry))
        }
        parts.append(part)
        return parts
    }

    mutating func hear(_ word: Accept, from leader: NodeID, _ now: Instant, _ output: inout Output) {
        guard !word.entries.isEmpty, word.first >= word.ballotFirst, word.entries.allSatisfy({ $0.ballot == word.ballot }) else { return }
        guard follow(word.ballot, first: word.ballotFirst, leader: leader, now, &output) else { return }
        // The leader goes on with the others.
        guard tableHasRoom else { return }
        let last = word.first.advanced(by: word.entries.count - 1)
        learn(chosenUpTo: word.chosenUpTo, now, &output)
        // No leader proposes more than α slots beyond its chosen index, of which this replica may be another α behind: one that is
        // further behind lacks chosen slots, and fetches them before it takes in more.
        guard chosenUpTo.distance(to: last) <= 2 * settings.alpha else { return }
        if word.first > acceptance.upTo.next {
            keepEarly(word)
            acknowledge(hasGap: true, to: leader, &output)
        } else if last > acceptance.upTo {
            var accepted: [SlottedEntry] = []
            accept(word, &accepted)
            acceptEarly(&accepted)
            holdAcceptance(of: accepted, now, &output)
        } else if acknowledgement.ballot == acceptance.ballot {
            // Heard before: the acknowledgement may have been lost.
            acknowledge(hasGap: false, to: leader, &output)
        } else if !vows.holdsAcceptance(at: acceptance.ballot) {
            // In the log since before a restart, or fetched: only a sync from now on says so.
            holdAcceptance(now, &output)
        }
        learn(chosenUpTo: word.chosenUpTo, now, &output)
    }

    private mutating func accept(_ word: Accept, _ accepted: inout [SlottedEntry]) {
        invariant(word.ballot == promised, "nothing is accepted below the promise")
        for (offset, entry) in word.entries.enumerated() {
            let slot = word.first.advanced(by: offset)
            guard slot > acceptance.upTo else { continue }
            invariant(slot == acceptance.upTo.next, "the log of a ballot has no gap")
            invariant(entry.ballot == word.ballot, "an entry is accepted at the ballot that proposes it")
            acceptance.upTo = slot
            log.store(entry, at: slot)
            accepted.append(SlottedEntry(slot: slot, entry: entry))
        }
    }

    private mutating func keepEarly(_ word: Accept) {
        let bytes = word.entries.reduce(0) { $0 + $1.byteCount }
        guard acceptance.earlyBytes + bytes <= settings.flightBytesMax, acceptance.early.count < settings.alpha,
            !acceptance.early.contains(where: { $0.first == word.first && $0.entries.count >= word.entries.count })
        else { return }
        let index = acceptance.early.firstIndex { $0.first > word.first } ?? acceptance.early.count
        acceptance.early.insert(word, at: index)
        acceptance.earlyBytes += bytes
    }

    /// Writes what was accepted; once it is durable, everything up to `acceptance.upTo` is acknowledged.
    mutating func holdAcceptance(of entries: [SlottedEntry] = [], _ now: Instant, _ output: inout Output) {
        let number = write(entries: entries, isAcceptance: true, now, &output)
        vows.hold(.accept(Acknowledgement(ballot: acceptance.ballot, upTo: acceptance.upTo)), until: number)
    }

    mutating func acceptEarly(_ accepted: inout [SlottedEntry]) {
        while let word = acceptance.early.first, word.first <= acceptance.upTo.next {
            acceptance.early.removeFirst()
            acceptance.earlyBytes -= word.entries.reduce(0) { $0 + $1.byteCount }
            accept(word, &accepted)
        }
    }

    /// Says again what is durable.
    private func acknowledge(hasGap: Bool, to leader: NodeID, _ output: inout Output) {
        // Where nothing of this ballot is durable yet, the first receipt will say it.
        guard let kept = keptAcceptance, case .accept(let word) = kept.vow, word.ballot == acceptance.ballot else { return }
        send(.accepted(Accepted(acknowledgement: word, hasGap: hasGap)), restingOn: kept, to: leader, &output)
    }

    /// To the leader, which may be this replica.
    mutating func tellAcceptance(restingOn kept: Kept, _ now: Instant, _ output: inout Output) {
        guard case .accept(let word) = kept.vow else { return }
        keptAcceptance = kept
        if leadership?.ballot == word.ballot {
            advanceChosen(now, &output)
        } else if word.ballot == promised, let leader = silence.leader {
            send(
                .accepted(Accepted(acknowledgement: word, hasGap: !acceptance.early.isEmpty)), restingOn: kept, to: leader, &output)
        }
    }

    /// Hears out the leader of `ballot`: false where a higher one has been promised.
    mutating func follow(_ ballot: Ballot, first: Slot, leader: NodeID, _ now: Instant, _ output: inout Output) -> Bool {
        guard ballot >= promised else {
            send(.rejection(Rejection(ballot: ballot, promised: promised)), to: leader, &output)
            return false
        }
        guard ballot.node == leader, first > .none else { return false }
        if ballot > promised {
            // Who leads under a higher ballot was promised it by a quorum: promising it too asks for no lease.
            stepDown(.higherBallot(ballot, at: leader), now, &output)
            promised = ballot
            write(promise: ballot, now, &output)
        }
        if candidacy != nil { candidacy = nil }
        if silence.leader != leader || silence.ballot != ballot { output.notices.append(.follows(leader, ballot)) }
        silence = Silence(since: now, leader: leader, ballot: ballot)
        if acceptance.ballot != ballot { begin(ballot, first: first) }
        return true
    }

    /// Entries accepted at `ballot` may be in the log already, from before a restart.
    mutating func begin(_ ballot: Ballot, first: Slot) {
        var upTo = max(first.previous, chosenUpTo)
        while let entry = log[upTo.next], entry.ballot == ballot { upTo = upTo.next }
        acceptance = Acceptance(ballot: ballot, first: first, upTo: upTo)
        // Above the chosen index, the new ballot may overwrite what an earlier one made durable. Up to it, rows may still be on
        // their way into the ledger, and the earlier ballot's vows no longer say when they have arrived.
        guard writesPersisted < writeNumber else {
            durableUpTo = upTo
            return
        }
        if durableUpTo < chosenUpTo { vows.hold(.choose(upTo: chosenUpTo), until: writeNumber) }
        if upTo > chosenUpTo { vows.hold(.accept(Acknowledgement(ballot: ballot, upTo: upTo)), until: writeNumber) }
        durableUpTo = min(durableUpTo, chosenUpTo)
    }

    /// A chosen index announced at the newest ballot covers what was accepted at that ballot, and nothing else.
    mutating func learn(chosenUpTo announced: Slot, _ now: Instant, _ output: inout Output) {
        guard chosenUpTo.next >= acceptance.first else { return }
        choose(upTo: min(announced, acceptance.upTo), now, &output)
    }
}
