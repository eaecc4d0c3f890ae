/// The place of a lost life is given to the next one of its node, through the log: first as a learner, then, once it has caught up, as
/// a voter; one change at a time (docs/protocol.md, "Replacing a member").
extension Group {
    mutating func replace(_ node: NodeID, _ now: Instant, _ output: inout Output) {
        output.notices.append(.replacement(of: node, propose(replacementOf: node, now, &output)))
    }

    private mutating func propose(replacementOf node: NodeID, _ now: Instant, _ output: inout Output) -> ReplacementAnswer {
        guard let current = leadership, current.isReady, current.transfer == nil else { return .refused(.doesNotLead) }
        guard let newest = configurations.newest, newest.member(node) != nil, node != identity.node else { return .refused(.isNoMember) }
        guard let newcomer = peers[node]?.newcomer, newcomer != .unknown else { return .refused(.hasNoNewcomer) }
        // Its silence is no proof that it is dead, and no safety rests on it: this keeps a living member from being replaced by mistake.
        let heardAt = current.progress.first { $0.node == node }?.repliedAt ?? current.since
        guard now - max(heardAt, current.since) > settings.patience * 2 else { return .refused(.mayBeAlive) }
        guard !isChangeUnderWay else { return .refused(.changeUnderWay) }
        guard proposalRoom > 0 else { return .refused(.hasNoRoom) }
        // The lost life's vote goes at once, or nobody could make up for it while the learner catches up.
        propose(newest.with(Configuration.Member(node: node, incarnation: newcomer, isVoter: false)), now, &output)
        return .proposed(newcomer)
    }

    /// A configuration that is not chosen, or does not govern all open slots yet.
    private var isChangeUnderWay: Bool {
        var slot = chosenUpTo.next
        while slot <= log.last {
            if case .configuration = log[slot]?.content { return true }
            slot = slot.next
        }
        return isConfigurationPending
    }

    /// Goes on with what this leader, or one before it, has begun.
    mutating func tickConfiguration(_ now: Instant, _ output: inout Output) {
        guard let current = leadership, current.isReady, current.transfer == nil, proposalRoom > 0 else { return }
        if let newest = configurations.chosen.last, isConfigurationPending {
            return fill(upTo: newest.slot.advanced(by: settings.alpha).previous, now, &output)
        }
        guard let newest = configurations.newest, let learner = newest.members.first(where: { !$0.isVoter }),
            let peer = current.progress.first(where: { $0.life == learner.life }), keepsUp(peer, now),
            peer.acknowledged.distance(to: current.last) <= settings.alpha / 8, !isChangeUnderWay
        else { return }
        output.notices.append(.promotes(learner.node))
        propose(
            newest.with(Configuration.Member(node: learner.node, incarnation: learner.incarnation, isVoter: true)), now, &output)
    }

    /// Also where nobody writes a configuration is to govern soon.
    private mutating func fill(upTo end: Slot, _ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        let count = min(current.last.distance(to: end), proposalRoom, settings.fillingEntriesMax)
        propose(contents: Array(repeating: .noOperation, count: max(0, count)), stamp: current.lastStamp, now, &output)
    }

    private mutating func propose(_ configuration: Configuration, _ now: Instant, _ output: inout Output) {
        guard let current = leadership else { return }
        propose(contents: [.configuration(configuration)], stamp: current.lastStamp, now, &output)
    }
}

extension Configuration {
    /// The next one: with this member in the place of its node's present one.
    fileprivate func with(_ member: Member) -> Configuration {
        Configuration(number: number + 1, members: members.map { $0.node == member.node ? member : $0 })
    }
}
