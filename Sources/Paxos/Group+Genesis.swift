/// The group's birth: once, when all first members have exchanged incarnations and stored them.
///
/// gathering → ready (all incarnations stored) → born (all say that they stored the same ones). An empty directory votes for
/// nothing before that. A member of a group that exists says so, and whoever it knows under another incarnation is a stranger:
/// its ledger, and with it its promises, are gone.
struct Birth: Hashable, Sendable {
    /// The incarnations heard of, ascending by node.
    var known: [Configuration.Member]
    /// Who has stored the very same first members.
    var confirmed: [NodeID] = []
    var nextIntroduction = Instant.zero
    /// Whom the last notice named.
    var missing: [NodeID] = []
    /// Who has said that it began with something else.
    var different: [NodeID] = []

    init(own: Party, genesis: [Configuration.Member]) {
        known = genesis.isEmpty ? [Configuration.Member(node: own.node, incarnation: own.incarnation)] : genesis
    }

    mutating func learn(_ party: Party) {
        known.removeAll { $0.node == party.node }
        known.append(Configuration.Member(node: party.node, incarnation: party.incarnation))
        known.sort { $0.node < $1.node }
    }
}

extension Group {
    mutating func tickBirth(_ now: Instant, _ output: inout Output) {
        guard now >= birth.nextIntroduction else { return }
        let isIdle = stage == .stranger && awaited == nil
        birth.nextIntroduction = now + (isIdle ? settings.introductionInterval * 10 : settings.introductionInterval)
        for node in firstMembers where node != identity.node { introduce(to: node, wantsAnswer: true, &output) }
        if stage == .stranger { return }
        if stage == .gathering { gather(now, &output) }
        let missing = firstMembers.filter { node in
            node != identity.node && !(stage == .ready ? birth.confirmed : birth.known.map(\.node)).contains(node)
        }
        if missing != birth.missing {
            birth.missing = missing
            if !missing.isEmpty { output.notices.append(.waitingFor(missing)) }
        }
    }

    /// The nodes that a birth waits for.
    package var awaitedMembers: [NodeID] { isBorn || stage == .stranger ? [] : birth.missing }

    func introduce(to node: NodeID, wantsAnswer: Bool, _ output: inout Output) {
        let members =
            switch stage {
            case .gathering: birth.known
            case .ready: membership.genesis
            case .born: configurations.newest?.members ?? []
            case .stranger: [Configuration.Member]()
            }
        // A stage is told only once it is durable: see `Vow.enter`.
        guard !vows.holdsStage else { return }
        send(.introduction(Introduction(stage: stage, members: members, origin: origin, wantsAnswer: wantsAnswer)), to: node, &output)
    }

    /// - Parameter configuration: the number of the newest one that the sender knows.
    mutating func hear(_ word: Introduction, from party: Party, configuration: UInt64, _ now: Instant, _ output: inout Output) {
        if word.wantsAnswer { introduce(to: party.node, wantsAnswer: false, &output) }
        guard begins(like: word, party.node, &output) else { return }
        let own = word.members.first { $0.node == identity.node }
        switch (stage, word.stage) {
        case (_, .stranger), (.born, .gathering), (.born, .ready), (.stranger, .gathering), (.stranger, .ready): break
        case (.born, .born):
            // This life's place has been given to another one.
            guard configuration > configurations.newest?.number ?? 0, own?.life != identity.life else { return }
            becomeStranger(.knownOtherwise(by: party.node), now, &output)
        case (.stranger, .born):
            // A learner has never voted. Whoever is named as a voter and is a stranger has forgotten that it was born.
            if let own, own.life == identity.life, !own.isVoter { join(askingFirst: party.node, now, &output) }
        case (_, .born):
            guard own?.life == identity.life else { return becomeStranger(.knownOtherwise(by: party.node), now, &output) }
            // Nobody is born before all have said that they stored the first members: this ledger has forgotten that it did.
            guard stage == .ready else {
                return becomeStranger(.knowsNothing(ofGroupOf: party.node), now, &output)
            }
            enter(.born, genesis: membership.genesis, now, &output)
        case (.gathering, .gathering):
            birth.learn(party)
            gather(now, &output)
        case (.gathering, .ready):
            guard own?.life == identity.life else {
                return becomeStranger(.knownOtherwise(by: party.node), now, &output)
            }
            enter(.ready, genesis: word.members, now, &output)
        case (.ready, .gathering): break
        case (.ready, .ready):
            guard word.members == membership.genesis else { return }
            if !birth.confirmed.contains(party.node) { birth.confirmed.append(party.node) }
            bearIfConfirmed(now, &output)
        }
    }

    /// Only those who begin with the same are born together. A group that exists has begun; what one lacks of it comes by log or snapshot.
    private mutating func begins(like word: Introduction, _ node: NodeID, _ output: inout Output) -> Bool {
        let isBirth = (stage == .gathering || stage == .ready) && (word.stage == .gathering || word.stage == .ready)
        guard isBirth, word.origin != origin else { return true }
        if !birth.different.contains(node) {
            birth.different.append(node)
            output.notices.append(.differsInOrigin(node))
        }
        return false
    }

    private mutating func gather(_ now: Instant, _ output: inout Output) {
        guard birth.known.map(\.node) == firstMembers else { return }
        enter(.ready, genesis: birth.known, now, &output)
    }

    private mutating func bearIfConfirmed(_ now: Instant, _ output: inout Output) {
        guard stage == .ready, !vows.holdsStage, birth.confirmed.count == firstMembers.count - 1 else { return }
        enter(.born, genesis: membership.genesis, now, &output)
    }

    mutating func enter(_ stage: Stage, genesis: [Configuration.Member], _ now: Instant, _ output: inout Output) {
        membership = Membership(stage: stage, genesis: genesis)
        var chosen: [ChosenConfiguration] = []
        if stage == .born {
            let configuration = Configuration(number: 1, members: genesis)
            configurations.add(configuration, chosenAt: .none)
            chosen = [ChosenConfiguration(slot: .none, configuration: configuration)]
        }
        let number = write(membership: membership, configurations: chosen, now, &output)
        vows.hold(.enter(stage), until: number)
    }

    mutating func keptEnter(_ stage: Stage, _ now: Instant, _ output: inout Output) {
        birth.nextIntroduction = now
        switch stage {
        case .gathering, .stranger: break
        case .ready: bearIfConfirmed(now, &output)
        case .born:
            silence = Silence(since: now)
            output.notices.append(.groupBorn)
        }
        // Said at once, so that nobody waits for the next introduction.
        for node in firstMembers where node != identity.node { introduce(to: node, wantsAnswer: false, &output) }
    }

    /// Stops voting for good: this replica's promises are gone, and only its replacement by the group makes it safe again.
    mutating func becomeStranger(_ reason: StrangerReason, _ now: Instant, _ output: inout Output) {
        guard stage != .stranger else { return }
        leadership = nil
        candidacy = nil
        fetching = nil
        enter(.stranger, genesis: membership.genesis, now, &output)
        output.notices.append(.isStranger(reason))
    }
}
