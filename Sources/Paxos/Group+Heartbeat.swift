/// Signs of life: what is chosen, the lease, lost messages, a follower's freshness.
extension Group {
    mutating func tickLeadership(_ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        if let oldestWriteAt, now - oldestWriteAt > settings.stallLimit {
            return giveUp(.ledgerStalled(now - oldestWriteAt), now, &output)
        }
        if let applyingSince, now - applyingSince > settings.stallLimit {
            return giveUp(.tableStalled(now - applyingSince), now, &output)
        }
        let heardAt = max(confirmedAt ?? current.since, current.since)
        if now - heardAt > settings.patience * 2, heardAt != .distantFuture {
            return stepDown(.noQuorum(now - heardAt), now, &output)
        }
        tickHandover(now, &output)
        tickConfiguration(now, &output)
        if now >= current.nextHeartbeat { sendHeartbeats(now, &output) }
    }

    /// A read waits for a proof of leadership: ask at once, unless a heartbeat has just left.
    mutating func confirm(_ now: Instant, _ output: inout Output) {
        guard let leadership, leadership.heartbeatAt < now else { return }
        sendHeartbeats(now, &output)
    }

    private mutating func sendHeartbeats(_ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        leadership?.nextHeartbeat = now + settings.heartbeatInterval
        leadership?.heartbeatAt = now
        let holds = leaseHolds(at: now)
        let confirmed = confirmedAt
        if current.isReady, let confirmed {
            // A leader probes itself: everything acknowledged while it surely led is among what it knows to be chosen.
            freshness.note(probe: holds ? now : min(confirmed, now), needs: chosenUpTo, appliedUpTo: appliedUpTo)
        }
        for index in current.progress.indices {
            let peer = current.progress[index]
            let isProven = confirmed.map { $0 >= peer.waitingSince } ?? false
            if isProven { leadership?.progress[index].waitingProbe = nil }
            let isOfThisLife = current.isReady && peer.probeBoot == peers[peer.node]?.boot
            let probe = holds ? peer.probe : isProven ? peer.waitingProbe : nil
            send(
                .heartbeat(
                    Heartbeat(
                        ballot: current.ballot, ballotFirst: current.first, chosenUpTo: chosenUpTo, sentAt: now,
                        lease: settings.leasedReads ? settings.lease : .zero,
                        lastAcknowledged: peer.acknowledged >= current.first
                            ? Acknowledgement(ballot: current.ballot, upTo: peer.acknowledged) : .none,
                        answeredProbe: isOfThisLife ? probe : nil)),
                to: peer.node, &output)
        }
    }

    mutating func hear(_ word: Heartbeat, from leader: NodeID, _ now: Instant, _ output: inout Output) {
        guard follow(word.ballot, first: word.ballotFirst, leader: leader, now, &output) else { return }
        if word.lastAcknowledged.ballot == acceptance.ballot, word.lastAcknowledged.upTo > acceptance.upTo {
            return becomeStranger(
                .rolledBack(endsAt: acceptance.upTo, acknowledged: word.lastAcknowledged.upTo, to: leader), now, &output)
        }
        if word.lease > .zero { grant.extend(for: word.ballot, until: now + settings.grantSpan(for: word.lease)) }
        learn(chosenUpTo: word.chosenUpTo, now, &output)
        fetchWhatIsMissing(word.chosenUpTo, from: leader, now, &output)
        acknowledgeWhatCameOtherwise(now, &output)
        if let probe = word.answeredProbe { freshness.note(probe: probe, needs: word.chosenUpTo, appliedUpTo: appliedUpTo) }
        send(
            .heartbeatReply(
                HeartbeatReply(
                    ballot: word.ballot, sentAt: word.sentAt, acknowledgement: acknowledgement, chosenUpTo: chosenUpTo,
                    appliedUpTo: appliedUpTo, probe: now, hasRoom: hasRoom)),
            to: leader, &output)
    }

    /// What came by snapshot or fetch before this ballot was heard of is acknowledged too: of what it takes for lacking, a leader may hold
    /// nothing in memory any more that it could send.
    private mutating func acknowledgeWhatCameOtherwise(_ now: Instant, _ output: inout Output) {
        guard acknowledgement.ballot != acceptance.ballot, chosenUpTo >= acceptance.first else { return }
        if !vows.holdsAcceptance(at: acceptance.ballot) { holdAcceptance(now, &output) }
    }

    mutating func hear(_ word: HeartbeatReply, from life: Life, _ now: Instant, _ output: inout Output) {
        guard let current = leadership, word.ballot == current.ballot, let index = current.index(of: life) else { return }
        // A reply to words that this life can't have sent yet would be a forgery or a bug: it grants nothing.
        guard word.sentAt >= current.since, word.sentAt <= now else { return }
        var peer = current.progress[index]
        let wasSilent = peer.repliedAt.map { now - $0 > settings.patience * 2 } ?? false
        if wasSilent { peer.currentSince = nil }
        peer.echoed = max(peer.echoed ?? word.sentAt, word.sentAt)
        peer.repliedAt = now
        peer.appliedUpTo = max(peer.appliedUpTo, word.appliedUpTo)
        peer.hasRoom = word.hasRoom
        // After a restart of its machine the peer's clock may have begun anew.
        let boot = peers[life.node]?.boot ?? .unknown
        if peer.probeBoot != boot { peer.waitingProbe = nil }
        if peer.probeBoot != boot || peer.probe.map({ word.probe > $0 }) ?? true {
            peer.probe = word.probe
            peer.probeBoot = boot
        }
        if peer.waitingProbe == nil {
            peer.waitingProbe = word.probe
            peer.waitingSince = now
        }
        leadership?.progress[index] = peer
        if word.acknowledgement.ballot == current.ballot { note(acknowledged: word.acknowledgement.upTo, at: index) }
        noteCurrency(index, now)
        advanceChosen(now, &output)
        if wasSilent || lostSomething(index, sentAt: word.sentAt) { resend(index, now, &output) } else { pump(index, now, &output) }
    }

    /// A heartbeat sent after the last accept came back twice, and the acknowledgement has not moved: something was lost.
    private mutating func lostSomething(_ index: Int, sentAt: Instant) -> Bool {
        guard let peer = leadership?.progress[index] else { return false }
        guard peer.acknowledged.next < peer.next, sentAt > peer.sentAt else {
            leadership?.progress[index].seenAcknowledged = nil
            return false
        }
        leadership?.progress[index].seenAcknowledged = peer.seenAcknowledged == peer.acknowledged ? nil : peer.acknowledged
        return peer.seenAcknowledged == peer.acknowledged
    }
}
