import Paxos

/// A table as far as the core knows of one.
struct TableModel {
    let slot: Slot
    let stamp: Stamp
    let configurations: [ChosenConfiguration]
}

/// What a ledger's disk holds: changed by whole commits only, kept over crashes.
struct LedgerModel {
    var incarnation: Incarnation
    var boot = Boot(rawValue: 0)
    private(set) var promise = Ballot.zero
    private(set) var chosenUpTo = Slot.none
    private(set) var membership = Membership(stage: .gathering, genesis: [])
    private(set) var configurations: [ChosenConfiguration] = []
    private(set) var compactedUpTo = Slot.none
    private(set) var stampAtCompacted = Stamp.zero
    /// By slot - 1.
    private var rows: [Entry?] = []

    let origin: Origin

    /// - Parameter origin: what a backup left; the log begins behind it.
    init(incarnation: Incarnation, origin: Origin = .empty) {
        self.incarnation = incarnation
        self.origin = origin
        chosenUpTo = origin.slot
        compactedUpTo = origin.slot
        while last < origin.slot { rows.append(nil) }
    }

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
        // Given out before a snapshot was installed: nobody reads such rows.
        for row in write.entries where row.slot > compactedUpTo {
            let index = Int(row.slot.rawValue) - 1
            while rows.count <= index { rows.append(nil) }
            rows[index] = row.entry
        }
        if let slot = write.chosenUpTo {
            // Given out before a snapshot was installed, and overtaken by it.
            try check(slot >= chosenUpTo || slot <= compactedUpTo, "a durable chosen index moved back from \(chosenUpTo) to \(slot)")
            var next = chosenUpTo.next
            while next <= slot {
                try check(self[next] != nil, "slot \(next) is durably chosen and has no row")
                next = next.next
            }
            chosenUpTo = max(chosenUpTo, slot)
        }
        if let change = write.membership { membership = change }
        learn(write.configurations)
    }

    private mutating func learn(_ known: [ChosenConfiguration]) {
        configurations = (configurations.filter { own in !known.contains { $0.slot == own.slot } } + known).sorted { $0.slot < $1.slot }
    }

    /// Gives up rows that the table holds durably.
    mutating func compact(upTo slot: Slot) {
        guard slot > compactedUpTo, slot <= chosenUpTo else { return }
        stampAtCompacted = self[slot]?.stamp ?? stampAtCompacted
        for index in 0..<min(rows.count, Int(slot.rawValue)) { rows[index] = nil }
        compactedUpTo = slot
    }

    /// One transaction, after which the table is that of the snapshot, with the rows behind it that are here.
    mutating func install(_ snapshot: TableModel, as life: Life, replayThrough: Slot) -> InstalledSnapshot {
        learn(snapshot.configurations)
        if chosenUpTo < snapshot.slot {
            chosenUpTo = snapshot.slot
            compact(upTo: snapshot.slot)
            stampAtCompacted = snapshot.stamp
        }
        let isLearner = configurations.last?.configuration.members.contains { $0.life == life && !$0.isVoter } ?? false
        if isLearner { membership = Membership(stage: .born, genesis: membership.genesis) }
        return InstalledSnapshot(
            slot: snapshot.slot, appliedUpTo: max(snapshot.slot, replayThrough),
            stamp: replayThrough > snapshot.slot ? stamp(replayThrough) : snapshot.stamp, configurations: snapshot.configurations,
            membership: membership)
    }

    private func stamp(_ slot: Slot) -> Stamp { self[slot]?.stamp ?? (slot == compactedUpTo ? stampAtCompacted : .zero) }

    /// The table that everything chosen here makes.
    var table: TableModel { table(at: chosenUpTo) }

    func table(at slot: Slot) -> TableModel {
        TableModel(slot: slot, stamp: stamp(slot), configurations: configurations.filter { $0.slot <= slot })
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
            membership: membership, configurations: configurations, entries: entries, compactedUpTo: compactedUpTo,
            stampAtChosen: stamp(chosenUpTo), origin: origin)
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
