import Paxos

/// A property that did not hold.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

func check(_ holds: @autoclosure () -> Bool, _ property: @autoclosure () -> String) throws(Violation) {
    if !holds() { throw Violation(description: property()) }
}

/// What is true of the cluster as a whole, known only to somebody who sees every disk at once.
struct Checks {
    /// A value in Paxos' sense: what a slot is about, whatever the ballot.
    struct Value: Hashable {
        let stamp: Stamp
        let content: Entry.Content

        init(_ entry: Entry) {
            stamp = entry.stamp
            content = entry.content
        }
    }

    private struct Vote {
        let ballot: Ballot
        let value: Value
        var lives: [Life]
    }

    /// By slot - 1: what durable rows have voted for, and what a quorum of them has made chosen.
    private var votes: [[Vote]] = []
    private var values: [Value?] = []
    /// Every slot up to here is chosen.
    private(set) var chosenUpTo = Slot.none
    /// Who has led under which ballot, with the first slot of it.
    private var leaders: [(ballot: Ballot, node: NodeID, boot: Boot)] = []
    /// When commands were acknowledged, ascending; with the highest slot acknowledged by then.
    private var acknowledged: [(time: Int64, slot: Slot)] = []
    private(set) var configurations: [ChosenConfiguration] = []
    let alpha: Int

    init(alpha: Int) { self.alpha = alpha }

    var acknowledgedUpTo: Slot { acknowledged.last?.slot ?? .none }
    var acknowledgedCount: Int { acknowledged.count }

    /// The highest slot acknowledged before `time`.
    func acknowledged(before time: Int64) -> Slot {
        var low = 0
        var high = acknowledged.count
        while low < high {
            let middle = (low + high) / 2
            if acknowledged[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? .none : acknowledged[low - 1].slot
    }

    func value(_ slot: Slot) -> Value? {
        let index = Int(slot.rawValue) - 1
        return index >= 0 && index < values.count ? values[index] : nil
    }

    mutating func born(_ genesis: [Configuration.Member]) throws(Violation) {
        let configuration = Configuration(number: 1, members: genesis)
        if let first = configurations.first {
            try check(first.configuration == configuration, "two geneses: \(first.configuration) and \(configuration)")
        } else {
            configurations = [ChosenConfiguration(slot: .none, configuration: configuration)]
        }
    }

    private func governing(_ slot: Slot) -> Configuration? {
        configurations.last { $0.slot == .none || $0.slot.advanced(by: alpha) <= slot }?.configuration
    }

    /// A row has become durable: a vote, at the row's ballot.
    mutating func voted(_ row: SlottedEntry, by life: Life) throws(Violation) {
        let index = Int(row.slot.rawValue) - 1
        while votes.count <= index {
            votes.append([])
            values.append(nil)
        }
        let value = Value(row.entry)
        if let vote = votes[index].firstIndex(where: { $0.ballot == row.entry.ballot }) {
            try check(votes[index][vote].value == value, "ballot \(row.entry.ballot) proposed two values for slot \(row.slot)")
            if !votes[index][vote].lives.contains(life) { votes[index][vote].lives.append(life) }
        } else {
            votes[index].append(Vote(ballot: row.entry.ballot, value: value, lives: [life]))
        }
        try settle()
        if index < Int(chosenUpTo.rawValue) { try count(index) }
    }

    private mutating func settle() throws(Violation) {
        while Int(chosenUpTo.rawValue) < votes.count {
            let index = Int(chosenUpTo.rawValue)
            try count(index)
            guard let value = values[index] else { return }
            let before = chosenUpTo == .none ? Stamp.zero : values[index - 1]?.stamp ?? .zero
            try check(value.stamp >= before, "the stamp decreases at slot \(index + 1): \(before.rawValue) to \(value.stamp.rawValue)")
            chosenUpTo = chosenUpTo.next
            if case .configuration(let configuration) = value.content {
                configurations.append(ChosenConfiguration(slot: chosenUpTo, configuration: configuration))
            }
        }
    }

    private mutating func count(_ index: Int) throws(Violation) {
        guard let configuration = governing(Slot(UInt64(index + 1))) else { return }
        for vote in votes[index] where vote.lives.count(where: { configuration.isVoter($0) }) >= configuration.quorum {
            if let value = values[index] {
                try check(value == vote.value, "slot \(index + 1) is chosen twice: \(value), and under \(vote.ballot) \(vote.value)")
            }
            values[index] = vote.value
        }
    }

    func applied(_ row: SlottedEntry, by node: NodeID) throws(Violation) {
        guard let value = value(row.slot) else { throw Violation(description: "\(node) applied slot \(row.slot), which is not chosen") }
        try check(value == Value(row.entry), "\(node) applied \(row.entry) at slot \(row.slot), but \(value) is chosen")
    }

    mutating func acknowledge(_ slot: Slot, at time: Int64) {
        acknowledged.append((time, max(slot, acknowledgedUpTo)))
    }

    mutating func leads(_ node: NodeID, boot: Boot, under ballot: Ballot) throws(Violation) {
        try check(!leaders.contains { $0.ballot == ballot }, "\(node) leads under \(ballot), which has been led under before")
        leaders.append((ballot, node, boot))
    }

    var elections: Int { leaders.count }
}
