import Paxos

/// What a ledger's disk holds: changed by whole commits only, kept over crashes.
struct LedgerModel {
    var incarnation: Incarnation
    var boot = Boot(rawValue: 0)
    private(set) var promise = Ballot.zero
    private(set) var chosenUpTo = Slot.none
    private(set) var membership = Membership(stage: .gathering, genesis: [])
    private(set) var configurations: [ChosenConfiguration] = []
    /// By slot - 1.
    private var rows: [Entry?] = []

    init(incarnation: Incarnation) { self.incarnation = incarnation }

    subscript(slot: Slot) -> Entry? {
        let index = Int(slot.rawValue) - 1
        return index >= 0 && index < rows.count ? rows[index] : nil
    }

    var last: Slot { Slot(UInt64(rows.count)) }

    mutating func commit(_ write: LedgerWrite) throws(Violation) {
        if let ballot = write.promise {
            try check(ballot >= promise, "a durable promise moved back from \(promise) to \(ballot)")
            promise = ballot
        }
        for row in write.entries {
            let index = Int(row.slot.rawValue) - 1
            while rows.count <= index { rows.append(nil) }
            rows[index] = row.entry
        }
        if let slot = write.chosenUpTo {
            try check(slot >= chosenUpTo, "a durable chosen index moved back from \(chosenUpTo) to \(slot)")
            var next = chosenUpTo.next
            while next <= slot {
                try check(self[next] != nil, "slot \(next) is durably chosen and has no row")
                next = next.next
            }
            chosenUpTo = slot
        }
        if let change = write.membership { membership = change }
        configurations.append(contentsOf: write.configurations)
    }

    func state(node: NodeID) -> LedgerState {
        var entries: [SlottedEntry] = []
        var slot = chosenUpTo.next
        while slot <= last {
            if let entry = self[slot] { entries.append(SlottedEntry(slot: slot, entry: entry)) }
            slot = slot.next
        }
        return LedgerState(
            identity: Party(node: node, incarnation: incarnation, boot: boot), promise: promise, chosenUpTo: chosenUpTo,
            membership: membership, configurations: configurations, entries: entries, compactedUpTo: .none,
            stampAtChosen: self[chosenUpTo]?.stamp ?? .zero)
    }

    /// Rows for a peer that has fallen behind what memory holds.
    func rows(from: Slot, through: Slot) -> [SlottedEntry] {
        var found: [SlottedEntry] = []
        var slot = from
        while slot <= through, let entry = self[slot], found.count < 50 {
            found.append(SlottedEntry(slot: slot, entry: entry))
            slot = slot.next
        }
        return found
    }
}
