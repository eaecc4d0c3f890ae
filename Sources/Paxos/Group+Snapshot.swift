/// A table that is to come by snapshot.
struct AwaitedSnapshot: Hashable, Sendable {
    /// A snapshot below is of no use.
    var atLeast: Slot
    let since: Instant
    /// Who is sure to be there; nil after a start, before anybody was heard.
    var peer: NodeID?
    var isAsked = false

    /// Nobody was heard: ask anybody.
    func deadline(_ settings: Settings) -> Instant? { isAsked ? nil : since + settings.patience }
}

/// What logs do not hold any more comes as a table (docs/protocol.md, "Catching up by snapshot"). Meanwhile this replica votes as ever,
/// applies nothing, and does not stand.
extension Group {
    /// The snapshot that this replica waits for, as it would be asked for now.
    package var awaitsSnapshot: SnapshotWish? {
        guard let awaited, let peer = awaited.peer ?? anyPeer else { return nil }
        return SnapshotWish(peer: peer, atLeast: awaited.atLeast, replayThrough: log.start.previous)
    }

    mutating func awaitSnapshot(atLeast slot: Slot, askingFirst peer: NodeID, _ now: Instant, _ output: inout Output) {
        invariant(leadership == nil, "a leader has everything that was chosen before it")
        guard awaited == nil else { return }
        fetching = nil
        candidacy = nil
        awaited = AwaitedSnapshot(atLeast: slot, since: now, peer: heardFollower ?? peer)
    }

    /// A learner, or one that is to be: the group has given it a place. Not before the ledger says stranger: else the snapshot could make it
    /// say born, and that word come behind.
    mutating func join(askingFirst peer: NodeID, _ now: Instant, _ output: inout Output) {
        guard awaited == nil, !vows.holdsStage else { return }
        awaited = AwaitedSnapshot(atLeast: appliedUpTo.next, since: now, peer: peer)
        birth.nextIntroduction = now
    }

    /// Once: whoever carries the wish out goes from peer to peer by itself.
    mutating func askForSnapshot(_ now: Instant, _ output: inout Output) {
        guard let current = awaited, !current.isAsked else { return }
        if current.peer == nil {
            guard heardFollower != nil || now >= current.since + settings.patience else { return }
            let peer = anyPeer
            awaited?.peer = peer
        }
        guard let wish = awaitsSnapshot else { return }
        awaited?.isAsked = true
        output.snapshotWanted = wish
        output.notices.append(.awaitsSnapshot(atLeast: wish.atLeast))
    }

    private var heardFollower: NodeID? {
        otherLives.first { $0.node != silence.leader && peers[$0.node]?.incarnation == $0.incarnation }?.node
    }

    /// The leader has other things to do.
    private var anyPeer: NodeID? {
        let nodes = isBorn ? otherLives.map(\.node) : firstMembers.filter { $0 != identity.node }
        return heardFollower ?? nodes.first { $0 != silence.leader } ?? nodes.first
    }

    /// The table is the snapshot's, and the ledger has said so in a transaction of its own: nothing is to be written.
    mutating func installed(_ snapshot: InstalledSnapshot, _ now: Instant, _ output: inout Output) {
        guard snapshot.appliedUpTo > appliedUpTo || awaited != nil && snapshot.appliedUpTo == appliedUpTo else { return }
        invariant(leadership == nil, "a leader awaits no snapshot: whoever awaits one does not stand")
        invariant(snapshot.appliedUpTo >= snapshot.slot, "rows are applied behind a snapshot, not before it")
        candidacy = nil
        fetching = nil
        let end = snapshot.appliedUpTo
        take(snapshot)
        chosenUpTo = max(chosenUpTo, end)
        chosenWritten = max(chosenWritten, end)
        if chosenWritten >= chosenUpTo { chosenUnwrittenSince = nil }
        chosenStamp = max(chosenStamp, snapshot.stamp)
        durableUpTo = max(durableUpTo, end)
        appliedUpTo = end
        handedUpTo = max(handedUpTo, end)
        applyingSince = appliedUpTo < handedUpTo ? now : nil
        freshness.applied(upTo: end)
        output.notices.append(.snapshotInstalled(snapshot.slot))
        guard end >= log.start.previous else {
            // The ledger could not fill what lies between the snapshot and what is in memory: a newer snapshot has to.
            awaited = AwaitedSnapshot(atLeast: log.start.previous, since: now)
            return
        }
        awaited = nil
        log.drop(before: end.next)
        beBorn(as: snapshot.membership, now, &output)
        joinAcceptance(now, &output)
        if let leader = silence.leader { fetchWhatIsMissing(acceptance.announced, from: leader, now, &output) }
    }

    private mutating func take(_ snapshot: InstalledSnapshot) {
        guard let newest = snapshot.configurations.last, newest.configuration.number >= configurations.newest?.number ?? 0 else { return }
        configurations.adopt(snapshot.configurations)
        for known in snapshot.configurations { include(known.configuration) }
    }

    /// Only a learner is born by a snapshot. The ledger may have thought so of a life that has forgotten its votes since, or before.
    private mutating func beBorn(as membership: Membership, _ now: Instant, _ output: inout Output) {
        guard membership.stage == .born, stage == .stranger, !vows.holdsStage else { return }
        guard let member = configurations.newest?.member(identity.node), member.life == identity.life, !member.isVoter else {
            return enter(.stranger, genesis: membership.genesis, now, &output)
        }
        self.membership = membership
        silence = Silence(since: now)
        output.notices.append(.joined)
    }

    /// A configuration has become known: words to its members are meant for the lives that it names.
    mutating func include(_ configuration: Configuration) {
        peers.include(configuration.members.map(\.node).filter { $0 != identity.node })
        peers.address(configuration.members)
    }
}
