import Paxos

/// What a replica's disk holds.
struct DurableLedger: Hashable {
    private(set) var promise = Ballot.zero
    private(set) var chosenUpTo = Slot.none
    /// By slot - 1.
    private var places: [Entry?] = []

    var last: Slot { Slot(UInt64(places.count)) }

    subscript(slot: Slot) -> Entry? {
        slot > .none && slot <= last ? places[Int(slot.rawValue) - 1] : nil
    }

    mutating func commit(_ write: LedgerWrite) throws(Violation) {
        let promiseBefore = promise
        if let ballot = write.promise {
            guard ballot >= promise else { throw Violation(property: "a durable promise moved back from \(promise) to \(ballot)") }
            promise = ballot
        }
        let chosen = max(chosenUpTo, write.chosenUpTo ?? chosenUpTo)
        for row in write.entries {
            while last < row.slot { places.append(nil) }
            places[Int(row.slot.rawValue) - 1] = row.entry
            guard row.entry.ballot >= promiseBefore || row.slot <= chosen else {
                throw Violation(
                    property: "slot \(row.slot) is accepted at \(row.entry.ballot), below the durable promise of \(promiseBefore)")
            }
        }
        if let slot = write.chosenUpTo {
            guard slot >= chosenUpTo else { throw Violation(property: "a durable chosen index moved back from \(chosenUpTo) to \(slot)") }
            var next = chosenUpTo.next
            while next <= slot {
                guard self[next] != nil else { throw Violation(property: "slot \(next) is durably chosen and has no row") }
                next = next.next
            }
            chosenUpTo = slot
        }
    }

    /// Every row, over gaps.
    var rows: [SlottedEntry] {
        places.enumerated().compactMap { index, entry in entry.map { SlottedEntry(slot: Slot(UInt64(index + 1)), entry: $0) } }
    }

    func rows(from: Slot, through: Slot) -> [SlottedEntry] {
        var found: [SlottedEntry] = []
        var slot = from
        while slot <= through, let entry = self[slot] {
            found.append(SlottedEntry(slot: slot, entry: entry))
            slot = slot.next
        }
        return found
    }

    func state(of identity: Party, genesis: Configuration) -> LedgerState {
        var entries: [SlottedEntry] = []
        var slot = chosenUpTo.next
        while slot <= last {
            if let entry = self[slot] { entries.append(SlottedEntry(slot: slot, entry: entry)) }
            slot = slot.next
        }
        return LedgerState(
            identity: identity, promise: promise, chosenUpTo: chosenUpTo,
            membership: Membership(stage: .born, genesis: genesis.members),
            configurations: [ChosenConfiguration(slot: .none, configuration: genesis)], entries: entries, compactedUpTo: .none,
            stampAtChosen: self[chosenUpTo]?.stamp ?? .zero)
    }
}
