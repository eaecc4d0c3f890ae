import Paxos

/// What acceptors have made durable, slot by slot. A value that a majority has accepted at one ballot is chosen (Paxos Made Simple,
/// §2.2), whether anybody knows it or not: no higher ballot may propose another, and nothing else may be taken for chosen.
struct Votes {
    private struct Proposal {
        let entry: Entry
        var voters: [NodeID] = []
    }

    private struct Place {
        /// One for each ballot.
        var proposals: [Proposal] = []
        /// At the lowest ballot at which it was.
        var chosen: Entry?
    }

    /// From slot 1.
    private var places: [Place] = []
    private let quorum: Int
    /// Every slot up to here is chosen.
    private(set) var chosenUpTo = Slot.none

    init(voters: Int) { quorum = voters / 2 + 1 }

    func isQuorum(_ count: Int) -> Bool { count >= quorum }

    func isChosen(_ row: SlottedEntry) -> Bool { chosen(at: row.slot)?.hasValue(of: row.entry) ?? false }

    func chosen(at slot: Slot) -> Entry? {
        slot > .none && slot.rawValue <= UInt64(places.count) ? places[Int(slot.rawValue) - 1].chosen : nil
    }

    /// Sent, or handed to a ledger. What is wrong with that.
    mutating func proposed(_ row: SlottedEntry) -> String? {
        let index = index(of: row.slot)
        if let known = places[index].proposals.first(where: { $0.entry.ballot == row.entry.ballot })?.entry {
            return known == row.entry ? nil : "agreement: ballot \(known.ballot) proposes \(known) and \(row.entry) for slot \(row.slot)"
        }
        places[index].proposals.append(Proposal(entry: row.entry))
        return conflict(at: index)
    }

    /// Synced. What is wrong with that.
    mutating func accepted(_ row: SlottedEntry, by node: NodeID) -> String? {
        if let problem = proposed(row) { return problem }
        let index = index(of: row.slot)
        guard let proposal = places[index].proposals.firstIndex(where: { $0.entry.ballot == row.entry.ballot }),
            !places[index].proposals[proposal].voters.contains(node)
        else { return nil }
        places[index].proposals[proposal].voters.append(node)
        guard isQuorum(places[index].proposals[proposal].voters.count) else { return nil }
        if let chosen = places[index].chosen {
            guard chosen.hasValue(of: row.entry) else { return "agreement: slot \(row.slot) is chosen twice: \(chosen) and \(row.entry)" }
            if chosen.ballot <= row.entry.ballot { return nil }
        }
        places[index].chosen = row.entry
        while chosenUpTo.rawValue < UInt64(places.count), places[Int(chosenUpTo.rawValue)].chosen != nil { chosenUpTo = chosenUpTo.next }
        return conflict(at: index)
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

extension Entry {
    /// The ballot apart: a value keeps its stamp when a later leader proposes it again.
    func hasValue(of other: Entry) -> Bool { content == other.content && stamp == other.stamp }
}
