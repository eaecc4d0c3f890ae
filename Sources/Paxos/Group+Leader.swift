/// Phase 2 as the leader sees it.
extension Group {
    /// Takes office: proposes again, under its own ballot, what phase 1 reported (Paxos Made Simple, §3), fills gaps with
    /// no-operations, and adds an entry of its own.
    mutating func lead(_ ballot: Ballot, reported: [[SlottedEntry]], _ now: Instant, _ output: inout Output) {
        invariant(ballot == promised, "a leader leads under the ballot that it has promised")
        candidacy = nil
        fetching = nil
        let first = chosenUpTo.next
        // A value that may have been chosen keeps its stamp: what precedes it was proposed under its ballot or recovered by a leader
        // that knew it, so it can't be later. Where a stamp would decrease the value was not chosen, and may be changed.
        var stamp = chosenStamp
        let recovered = recoveredContents(reported)
        // Which configuration governs a slot is known only up to here.
        let window = chosenUpTo.advanced(by: settings.alpha)
        begin(ballot, first: first)
        acceptance.upTo = first.previous
        var entries: [SlottedEntry] = []
        for (slot, entry) in recovered where slot <= window {
            while first.advanced(by: entries.count) < slot {
                entries.append(noOperation(at: first.advanced(by: entries.count), ballot, stamp))
            }
            stamp = max(stamp, entry.stamp)
            entries.append(SlottedEntry(slot: slot, entry: Entry(ballot: ballot, stamp: stamp, content: entry.content)))
        }
        var own: Slot?
        if recovered.last.map({ $0.slot < window }) ?? true {
            own = first.advanced(by: entries.count)
            entries.append(noOperation(at: first.advanced(by: entries.count), ballot, stamp))
        } else {
            while entries.count < settings.alpha { entries.append(noOperation(at: first.advanced(by: entries.count), ballot, stamp)) }
        }
        leadership = Leadership(
            ballot: ballot, since: now, first: first, ownEntry: own, last: first.previous, lastStamp: stamp,
            progress: otherLives.map {
                Leadership.Progress(life: $0, acknowledged: first.previous, next: first, sentAt: now)
            },
            nextHeartbeat: now, heartbeatAt: now, transferNotBefore: now + settings.handoverSteadiness)
        output.notices.append(.leads(ballot))
        take(entries, now, &output)
        tickLeadership(now, &output)
    }

    /// For each open slot the value of the highest ballot that any acceptor of the quorum reported: the only one that can have
    /// been chosen (Paxos Made Simple, §2.2, P2c). Ascending by slot.
    private func recoveredContents(_ reported: [[SlottedEntry]]) -> [(slot: Slot, entry: Entry)] {
        var all: [SlottedEntry] = reported.flatMap { $0 }
        var slot = chosenUpTo.next
        while slot <= log.last {
            if let entry = log[slot] { all.append(SlottedEntry(slot: slot, entry: entry)) }
            slot = slot.next
        }
        all.removeAll { $0.slot <= chosenUpTo }
        all.sort { $0.slot != $1.slot ? $0.slot < $1.slot : $0.entry.ballot > $1.entry.ballot }
        var recovered: [(slot: Slot, entry: Entry)] = []
        for row in all {
            if let last = recovered.last, last.slot == row.slot {
                invariant(
                    last.entry.ballot > row.entry.ballot || last.entry == row.entry, "a ballot proposes one value for a slot")
                continue
            }
            recovered.append((row.slot, row.entry))
        }
        return recovered
    }

    private func noOperation(at slot: Slot, _ ballot: Ballot, _ stamp: Stamp) -> SlottedEntry {
        SlottedEntry(slot: slot, entry: Entry(ballot: ballot, stamp: stamp, content: .noOperation))
    }

    /// How many commands a leader takes now; 0 where this replica does not lead or hands leadership over.
    package var proposalRoom: Int {
        guard let leadership, leadership.transfer == nil, leadership.ownEntry != nil, proposalByteRoom > 0 else { return 0 }
        let open = chosenUpTo.distance(to: leadership.last)
        let unapplied = appliedUpTo.distance(to: leadership.last)
        return max(0, min(settings.alpha - open, settings.alpha + settings.applyingEntriesMax - unapplied))
    }

    /// How many bytes of them, the last of which may go beyond.
    package var proposalByteRoom: Int { max(0, settings.heldBytesMax - log.byteCount) }

    mutating func propose(_ commands: [[UInt8]], stamp: Stamp, _ now: Instant, _ output: inout Output) {
        invariant(commands.count <= proposalRoom, "a leader is given no more than it has room for")
        propose(contents: commands.map { .command($0) }, stamp: stamp, now, &output)
    }

    mutating func propose(contents: [Entry.Content], stamp: Stamp, _ now: Instant, _ output: inout Output) {
        guard let leadership, !contents.isEmpty else { return }
        let stamp = max(leadership.lastStamp, stamp)
        self.leadership?.lastStamp = stamp
        var entries: [SlottedEntry] = []
        entries.reserveCapacity(contents.count)
        var slot = leadership.last
        for content in contents {
            slot = slot.next
            entries.append(SlottedEntry(slot: slot, entry: Entry(ballot: leadership.ballot, stamp: stamp, content: content)))
        }
        take(entries, now, &output)
    }

    /// Sends to the followers and writes at the same time; the leader's own vote counts once its write is durable.
    private mutating func take(_ entries: [SlottedEntry], _ now: Instant, _ output: inout Output) {
        for row in entries { log.store(row.entry, at: row.slot) }
        guard let last = entries.last?.slot else { return }
        leadership?.last = last
        acceptance.upTo = last
        holdAcceptance(of: entries, now, &output)
        for index in leadership?.progress.indices ?? 0..<0 { pump(index, now, &output) }
    }

    /// Sends a peer what it has not been sent, as far as the bounds on what is in flight allow.
    mutating func pump(_ index: Int, _ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        var peer = current.progress[index]
        // To a silent peer nothing is sent but heartbeats; its first reply starts it again from what it acknowledged.
        if let repliedAt = peer.repliedAt, now - repliedAt > settings.patience * 2 { return }
        peer.next = max(peer.next, log.start, current.first)
        while peer.next <= current.last, peer.flightBytes < settings.flightBytesMax,
            peer.acknowledged.distance(to: peer.next) <= settings.alpha
        {
            let entries = sendEntries(from: peer.next, to: peer.node, current, &output)
            peer.next = peer.next.advanced(by: entries.count)
            peer.flightBytes += entries.reduce(0) { $0 + $1.byteCount }
            peer.sentAt = now
        }
        leadership?.progress[index] = peer
    }

    /// One message: as many entries as fit.
    private func sendEntries(from slot: Slot, to node: NodeID, _ current: Leadership, _ output: inout Output) -> [Entry] {
        let entries = log.entries(from: slot, through: current.last, byteLimit: settings.messageBytesMax)
        invariant(entries.first?.ballot == current.ballot, "a leader proposes what it has accepted under its own ballot")
        let word = Accept(ballot: current.ballot, ballotFirst: current.first, chosenUpTo: chosenUpTo, first: slot, entries: entries)
        send(.accept(word), to: node, &output)
        return entries
    }

    mutating func hear(_ word: Accepted, from life: Life, _ now: Instant, _ output: inout Output) {
        guard let index = leadership?.index(of: life), word.acknowledgement.ballot == leadership?.ballot else { return }
        note(acknowledged: word.acknowledgement.upTo, at: index)
        advanceChosen(now, &output)
        if word.hasGap { fillGap(after: word.acknowledgement.upTo, index, &output) }
        pump(index, now, &output)
    }

    /// Sends again what the peer lacks first: what stands behind it may have arrived. One message, and once for each place at which
    /// the peer stops: were all of it sent again at each answer, every message of that would bring another answer.
    private mutating func fillGap(after slot: Slot, _ index: Int, _ output: inout Output) {
        guard let current = leadership else { return }
        let peer = current.progress[index]
        let first = max(slot.next, log.start, current.first)
        guard slot == peer.acknowledged, first <= current.last, peer.gapFilledAfter.map({ $0 < slot }) ?? true else { return }
        leadership?.progress[index].gapFilledAfter = slot
        _ = sendEntries(from: first, to: peer.node, current, &output)
    }

    mutating func note(acknowledged slot: Slot, at index: Int) {
        guard var peer = leadership?.progress[index], slot > peer.acknowledged else { return }
        var passed = peer.acknowledged.next
        while passed <= slot, passed < peer.next {
            peer.flightBytes -= log[passed]?.byteCount ?? 0
            passed = passed.next
        }
        peer.acknowledged = slot
        peer.next = max(peer.next, slot.next)
        if peer.next == slot.next { peer.flightBytes = 0 }
        peer.flightBytes = max(0, peer.flightBytes)
        leadership?.progress[index] = peer
    }

    /// Starts again from what the peer acknowledged.
    mutating func resend(_ index: Int, _ now: Instant, _ output: inout Output) {
        guard let acknowledged = leadership?.progress[index].acknowledged else { return }
        leadership?.progress[index].next = acknowledged.next
        leadership?.progress[index].flightBytes = 0
        pump(index, now, &output)
    }

    /// A slot is chosen once a quorum of the configuration that governs it has acknowledged it: of the very lives that it names.
    mutating func advanceChosen(_ now: Instant, _ output: inout Output) {
        guard let leadership else { return }
        let own = acknowledgement.ballot == leadership.ballot ? acknowledgement.upTo : leadership.first.previous
        while true {
            let configuration = configurations.governing(chosenUpTo.next)
            var acknowledged = leadership.progress.filter { configuration.isVoter($0.life) }.map(\.acknowledged)
            if configuration.isVoter(identity.life) { acknowledged.append(own) }
            acknowledged.sort(by: >)
            guard acknowledged.count >= configuration.quorum else { return }
            var chosen = acknowledged[configuration.quorum - 1]
            if let last = configurations.lastSlot(governedWith: chosenUpTo.next) { chosen = min(chosen, last) }
            guard chosen > chosenUpTo else { return }
            invariant(chosen <= chosenUpTo.advanced(by: settings.alpha), "no slot is proposed before its configuration is known")
            choose(upTo: chosen, now, &output)
            if let newest = configurations.chosen.last?.slot, newest >= leadership.first {
                return standAgain(.newConfiguration, now, &output)
            }
            if leadership.ownEntry == nil, chosenUpTo == leadership.last {
                return standAgain(.windowFull, now, &output)
            }
        }
    }

    /// Gives up the lease and stands under a higher ballot at once. Without it a candidate of a lower ballot that has fetched the new
    /// configuration could have a slot chosen by members that never promised this leader's ballot.
    private mutating func standAgain(_ reason: StepDownReason, _ now: Instant, _ output: inout Output) {
        guard let ballot = leadership?.ballot else { return }
        stepDown(reason, now, &output)
        stand(releasing: ballot, now, &output)
    }

    mutating func leadershipApplied(_ now: Instant, _ output: inout Output) {
        freshness.applied(upTo: appliedUpTo)
        guard let current = leadership, !current.isReady, let own = current.ownEntry, appliedUpTo >= own else { return }
        leadership?.isReady = true
    }
}
