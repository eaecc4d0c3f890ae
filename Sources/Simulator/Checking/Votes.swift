import Paxos

/// One life of a node's directory: what is accepted in one says nothing of another.
struct Voter: Hashable {
    let node: NodeID
    let incarnation: Incarnation
}

/// What acceptors have made durable, slot by slot. A value that a majority has accepted at one ballot is chosen (Paxos Made Simple,
/// §2.2), whether anybody knows it or not: no higher ballot may propose another, and nothing else may be taken for chosen. Who counts is
/// said by the configuration that governs the slot: lives, not nodes, and learners do not.
struct Votes {
    private struct Proposal {
        let entry: Entry
        var voters: [Voter] = []
    }

    private struct Place {
        /// One for each ballot.
        var proposals: [Proposal] = []
        /// At the lowest ballot at which it was.
        var chosen: Entry?
    }

    /// From slot 1.
    private var places: [Place] = []
    /// Genesis, and what has been chosen since; ascending by slot.
    private(set) var configurations: [ChosenConfiguration] = []
    private let alpha: Int
    /// Every slot up to here is chosen.
    private(set) var chosenUpTo = Slot.none
    /// By ballot: whose word for it has left, and from which slot its candidate asked.
    private var promisers: [Ballot: (voters: [Voter], from: Slot)] = [:]

    init(alpha: Int) { self.alpha = alpha }

    func isChosen(_ row: SlottedEntry) -> Bool { chosen(at: row.slot)?.hasValue(of: row.entry) ?? false }

    func chosen(at slot: Slot) -> Entry? {
        slot > .none && slot.rawValue <= UInt64(places.count) ? places[Int(slot.rawValue) - 1].chosen : nil
    }

    // MARK: Configurations

    /// Who the first members are: the same for all that are born.
    mutating func isBorn(with members: [Configuration.Member]) -> String? {
        guard let genesis = configurations.first?.configuration else {
            configurations = [ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members))]
            return nil
        }
        return genesis.members == members ? nil : "agreement: the group is born with \(genesis.members) and with \(members)"
    }

    /// Of the configurations that are known to be chosen: the one chosen at or below `slot` − α. Nil before the group is born.
    func governing(_ slot: Slot) -> Configuration? {
        configurations.last { $0.slot == .none || $0.slot.advanced(by: alpha) <= slot }?.configuration
    }

    /// Whether these are enough for the slot.
    func isQuorum(_ count: Int, at slot: Slot) -> Bool { governing(slot).map { count >= $0.majority } ?? false }

    private func isQuorum(_ voters: [Voter], at slot: Slot) -> Bool {
        guard let configuration = governing(slot) else { return false }
        return voters.count { configuration.names($0) } >= configuration.majority
    }

    /// Lamport's window: what is proposed beyond it is governed by a configuration that may not be known yet.
    private mutating func add(_ configuration: Configuration, chosenAt index: Int) -> String? {
        let slot = Slot(UInt64(index + 1))
        if let newest = configurations.last, newest.slot >= slot { return nil }
        configurations.append(ChosenConfiguration(slot: slot, configuration: configuration))
        let first = index + alpha
        guard first < places.count, let early = places[first...].firstIndex(where: { $0.chosen != nil }) else { return nil }
        return "window: slot \(early + 1) was chosen under another configuration than that of slot \(slot)"
    }

    // MARK: Elections

    mutating func promises(_ ballot: Ballot, by voter: Voter) {
        guard promisers[ballot].map({ !$0.voters.contains(voter) }) ?? false else { return }
        promisers[ballot]?.voters.append(voter)
    }

    /// The candidate promises its own ballot as well.
    mutating func prepares(_ ballot: Ballot, from slot: Slot, by voter: Voter) {
        if let known = promisers[ballot] {
            promisers[ballot] = (known.voters, max(known.from, slot))
        } else {
            promisers[ballot] = ([voter], slot)
        }
    }

    func leads(_ ballot: Ballot) -> String? {
        guard let (voters, from) = promisers[ballot] else { return "elections: \(ballot) leads, and has asked for no promise" }
        if isQuorum(voters, at: from) { return nil }
        return "elections: \(ballot) leads from slot \(from) on, and only \(voters) have promised it"
    }

    // MARK: Acceptances

    /// Sent, or handed to a ledger. What is wrong with that.
    mutating func proposed(_ row: SlottedEntry) -> String? {
        if row.slot > chosenUpTo.advanced(by: alpha) {
            return "window: slot \(row.slot) is proposed, and what is chosen ends at slot \(chosenUpTo)"
        }
        let index = index(of: row.slot)
        if let known = places[index].proposals.first(where: { $0.entry.ballot == row.entry.ballot })?.entry {
            return known == row.entry ? nil : "agreement: ballot \(known.ballot) proposes \(known) and \(row.entry) for slot \(row.slot)"
        }
        places[index].proposals.append(Proposal(entry: row.entry))
        return conflict(at: index)
    }

    /// Synced. What is wrong with that.
    mutating func accepted(_ row: SlottedEntry, by voter: Voter) -> String? {
        if let problem = proposed(row) { return problem }
        let index = index(of: row.slot)
        guard let proposal = places[index].proposals.firstIndex(where: { $0.entry.ballot == row.entry.ballot }),
            !places[index].proposals[proposal].voters.contains(voter)
        else { return nil }
        places[index].proposals[proposal].voters.append(voter)
        guard isQuorum(places[index].proposals[proposal].voters, at: row.slot) else { return nil }
        if let chosen = places[index].chosen {
            guard chosen.hasValue(of: row.entry) else { return "agreement: slot \(row.slot) is chosen twice: \(chosen) and \(row.entry)" }
            if chosen.ballot <= row.entry.ballot { return nil }
        }
        places[index].chosen = row.entry
        return movesOn() ?? conflict(at: index)
    }

    private mutating func movesOn() -> String? {
        while chosenUpTo.rawValue < UInt64(places.count), let chosen = places[Int(chosenUpTo.rawValue)].chosen {
            chosenUpTo = chosenUpTo.next
            guard case .configuration(let configuration) = chosen.content else { continue }
            if let problem = add(configuration, chosenAt: Int(chosenUpTo.rawValue) - 1) { return problem }
        }
        return nil
    }

    /// Every proposal at a higher ballot has the chosen value (§2.2, P2b), also one from before it was chosen.
    private func conflict(at index: Int) -> String? {
        guard let chosen = places[index].chosen else { return nil }
        for proposal in places[index].proposals where proposal.entry.ballot > chosen.ballot && !proposal.entry.hasValue(of: chosen) {
            return "agreement: slot \(index + 1) is chosen as \(chosen), and a higher ballot proposes \(proposal.entry)"
        }
        return nil
    }

    private mutating func index(of slot: Slot) -> Int {
        let index = Int(slot.rawValue) - 1
        while places.count <= index { places.append(Place()) }
        return index
    }
}

extension Configuration {
    /// Counted here: the production code's own `quorum` is what is checked.
    var majority: Int { members.count(where: \.isVoter) / 2 + 1 }

    func names(_ voter: Voter) -> Bool { member(voter.node).map { $0.isVoter && $0.incarnation == voter.incarnation } ?? false }
}

extension Entry {
    /// The ballot apart: a value keeps its stamp when a later leader proposes it again.
    func hasValue(of other: Entry) -> Bool { content == other.content && stamp == other.stamp }
}
