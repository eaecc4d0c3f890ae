import Paxos

/// Numbers for what is said: messages, votes and values come again and again, and sets of numbers are small and quick to compare.
struct Vocabulary {
    /// An acceptance, by whomever, of a value at a ballot.
    struct Vote: Hashable {
        let slot: Slot
        let ballot: Ballot
        let value: Value
    }

    /// What agreement is about: a slot's content and stamp.
    struct Value: Hashable {
        let slot: Slot
        let stamp: Stamp
        let content: Entry.Content

        init(_ row: SlottedEntry) {
            slot = row.slot
            stamp = row.entry.stamp
            content = row.entry.content
        }
    }

    private(set) var messages = Interner<Envelope>()
    private(set) var votes = Interner<Vote>()
    private(set) var values = Interner<Value>()
    /// By vote: the value's bit.
    private(set) var valueOfVote: [UInt64] = []
    /// By vote: the votes for other values of the same slot, at any ballot.
    private(set) var rivals: [UInt64] = []
    /// By slot: the values.
    private(set) var valuesOfSlot: [UInt64] = [0]
    /// By receiver: the messages to it, in the order in which they were first sent.
    private(set) var inboxes: [[Int32]] = Array(repeating: [], count: Scenario.nodeCount)
    /// By message: its place in its receiver's inbox.
    private(set) var places: [Int32] = []

    mutating func number(of envelope: Envelope) -> Int32 {
        let (number, isNew) = messages.number(of: envelope)
        if isNew {
            let receiver = Int(envelope.to.node.rawValue) - 1
            places.append(Int32(inboxes[receiver].count))
            inboxes[receiver].append(Int32(number))
        }
        return Int32(number)
    }

    mutating func bit(of row: SlottedEntry) throws(LimitReached) -> UInt64 {
        let value = Value(row)
        let valueBit = try bit(of: value)
        let (number, isNew) = votes.number(of: Vote(slot: row.slot, ballot: row.entry.ballot, value: value))
        if isNew {
            guard number < UInt64.bitWidth else { throw LimitReached(what: "votes") }
            valueOfVote.append(valueBit)
            rivals.append(0)
            for other in 0..<number where votes[other].slot == row.slot && votes[other].value != value {
                rivals[number] |= 1 << UInt64(other)
                rivals[other] |= 1 << UInt64(number)
            }
        }
        return 1 << UInt64(number)
    }

    mutating func bit(of value: Value) throws(LimitReached) -> UInt64 {
        let (number, isNew) = values.number(of: value)
        if isNew {
            guard number < UInt64.bitWidth else { throw LimitReached(what: "values") }
            while valuesOfSlot.count <= Int(value.slot.rawValue) { valuesOfSlot.append(0) }
            valuesOfSlot[Int(value.slot.rawValue)] |= 1 << UInt64(number)
        }
        return 1 << UInt64(number)
    }

    func values(of votes: UInt64) -> UInt64 {
        var values: UInt64 = 0
        for vote in Bits(votes) { values |= valueOfVote[vote] }
        return values
    }
}

/// A scenario has more of something than there are numbers for: it can't be explored to its end.
struct LimitReached: Error {
    let what: String
}

/// The members of a set of numbers below 64, ascending.
struct Bits: Sequence, IteratorProtocol {
    private var rest: UInt64

    init(_ set: UInt64) { rest = set }

    mutating func next() -> Int? {
        guard rest != 0 else { return nil }
        defer { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }
}
