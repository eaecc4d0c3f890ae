/// Leadership moves without an outage: the leader takes no new commands, waits until everything is chosen and the target has
/// acknowledged it, gives up its lease, and asks the target to stand (Ongaro's thesis, §3.10).
extension Group {
    mutating func tickHandover(_ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        if let transfer = current.transfer {
            if now >= transfer.deadline {
                leadership?.transfer = nil
                leadership?.transferNotBefore = now + settings.handoverSteadiness * 5
            } else {
                completeTransfer(to: transfer.target, now, &output)
            }
        } else if let preferredLeader, preferredLeader != identity.node, now >= current.transferNotBefore, current.isReady,
            configurations.newest?.isVoter(preferredLeader) ?? false, let index = current.index(of: preferredLeader),
            let currentSince = current.progress[index].currentSince, now - currentSince >= settings.handoverSteadiness,
            let repliedAt = current.progress[index].repliedAt, now - repliedAt <= settings.heartbeatInterval * 3
        {
            begin(transferTo: preferredLeader, now, &output)
        }
    }

    mutating func handOverToMostCurrent(_ now: Instant, _ output: inout Output) {
        guard let current = leadership, current.transfer == nil, let target = mostCurrentPeer(now) else { return }
        begin(transferTo: target, now, &output)
    }

    private mutating func begin(transferTo target: NodeID, _ now: Instant, _ output: inout Output) {
        leadership?.transfer = Leadership.Transfer(target: target, deadline: now + settings.handoverTimeout)
        output.notices.append(.handsOver(to: target))
        completeTransfer(to: target, now, &output)
    }

    mutating func completeTransfer(to target: NodeID, _ now: Instant, _ output: inout Output) {
        guard let current = leadership, let index = current.index(of: target), chosenUpTo == current.last,
            appliedUpTo == current.last, current.progress[index].acknowledged == current.last
        else { return }
        release(to: target, now, &output)
    }

    /// A leader whose disk stalls can't wait until all is acknowledged: whoever is most current recovers the rest.
    mutating func giveUp(_ reason: StepDownReason, _ now: Instant, _ output: inout Output) {
        if let target = mostCurrentPeer(now) { release(to: target, now, &output) }
        stepDown(reason, now, &output)
    }

    /// The lease goes first: from here on this replica neither reads nor proposes under its ballot, so whoever granted it
    /// may promise the target's.
    private mutating func release(to target: NodeID, _ now: Instant, _ output: inout Output) {
        guard let ballot = leadership?.ballot else { return }
        leadership = nil
        silence = Silence(since: now)
        send(.handover(Handover(ballot: ballot)), to: target, &output)
        output.notices.append(.steppedDown(ballot, .handedOver(to: target)))
    }

    private func mostCurrentPeer(_ now: Instant) -> NodeID? {
        leadership?.progress
            .filter { peer in
                configurations.newest?.isVoter(peer.node) ?? false
                    && peer.repliedAt.map { now - $0 <= settings.patience } ?? false
            }
            .max { ($0.acknowledged, $1.node) < ($1.acknowledged, $0.node) }?.node
    }

    /// A peer keeps up while its replies find applied what this replica had applied half a steady time before; one whose ledger or
    /// table stands still does not, however few entries it lacks, or leadership would go to a replica that can't answer.
    mutating func noteCurrency(_ index: Int, _ now: Instant) {
        guard var peer = leadership?.progress[index] else { return }
        if peer.appliedUpTo.distance(to: appliedUpTo) > settings.alpha {
            peer.currentSince = nil
        } else if now - peer.markedAt >= settings.handoverSteadiness / 2 {
            peer.currentSince = peer.appliedUpTo >= peer.mark ? peer.currentSince ?? now : nil
            peer.mark = appliedUpTo
            peer.markedAt = now
        }
        leadership?.progress[index] = peer
    }
}
