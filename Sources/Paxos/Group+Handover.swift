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
            let peer = current.progress.first(where: { $0.node == preferredLeader }), isVoter(peer), peer.hasRoom,
            keepsUp(peer, now)
        {
            begin(transferTo: preferredLeader, now, &output)
        } else if !hasRoom, now >= current.transferNotBefore, current.isReady, let target = peerWithRoom(now) {
            begin(transferTo: target, now, &output)
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

    /// One that has room and a table that can answer, if there is one.
    private func mostCurrentPeer(_ now: Instant) -> NodeID? {
        leadership?.progress
            .filter { peer in isVoter(peer) && peer.repliedAt.map { now - $0 <= settings.patience } ?? false }
            .max { rank($0) < rank($1) }?.node
    }

    private func rank(_ peer: Leadership.Progress) -> (fitness: Int, acknowledged: Slot, order: Int) {
        let canAnswer = peer.appliedUpTo.distance(to: appliedUpTo) <= settings.alpha
        return ((canAnswer ? 2 : 0) + (peer.hasRoom ? 1 : 0), peer.acknowledged, -Int(peer.node.rawValue))
    }

    func isVoter(_ peer: Leadership.Progress) -> Bool { configurations.newest?.isVoter(peer.life) ?? false }

    /// A replica that is to lead, or to vote, has kept up for a while, and has answered just now.
    func keepsUp(_ peer: Leadership.Progress, _ now: Instant) -> Bool {
        guard let currentSince = peer.currentSince, let repliedAt = peer.repliedAt else { return false }
        return now - currentSince >= settings.handoverSteadiness && now - repliedAt <= settings.heartbeatInterval * 3
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
