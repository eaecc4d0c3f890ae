/// What a replica must not forget: handed to the ledger, which commits it in one transaction with one sync.
package struct LedgerWrite: Hashable, Sendable {
    /// Counts the core's changes; a commit is named by the last change in it.
    package private(set) var number: UInt64
    package private(set) var promise: Ballot?
    /// In the order in which they are to be written; a later entry for a slot replaces an earlier one.
    package private(set) var entries: [SlottedEntry]
    /// Every slot up to here is known to be chosen. Rides along with other changes; never worth a sync of its own.
    package private(set) var chosenUpTo: Slot?
    package private(set) var membership: Membership?
    /// Configurations newly known to be chosen.
    package private(set) var configurations: [ChosenConfiguration]

    package init(
        number: UInt64, promise: Ballot? = nil, entries: [SlottedEntry] = [], chosenUpTo: Slot? = nil, membership: Membership? = nil,
        configurations: [ChosenConfiguration] = []
    ) {
        self.number = number
        self.promise = promise
        self.entries = entries
        self.chosenUpTo = chosenUpTo
        self.membership = membership
        self.configurations = configurations
    }

    /// Takes in the change that follows this one.
    package mutating func merge(_ later: LedgerWrite) {
        invariant(later.number > number, "ledger writes are merged in their order")
        number = later.number
        promise = later.promise ?? promise
        entries.append(contentsOf: later.entries)
        chosenUpTo = later.chosenUpTo ?? chosenUpTo
        membership = later.membership ?? membership
        configurations.append(contentsOf: later.configurations)
    }
}

/// A replica's place in the group's birth, and the first members once they are known.
package struct Membership: Hashable, Sendable {
    package let stage: Stage
    /// Empty while gathering.
    package let genesis: [Configuration.Member]

    package init(stage: Stage, genesis: [Configuration.Member]) {
        self.stage = stage
        self.genesis = genesis
    }
}

/// Says that a write, and every one before it, has been synced. Only the ledger makes one, after its commit returned.
package struct SyncReceipt: Hashable, Sendable {
    package let upTo: UInt64

    package init(committed write: LedgerWrite) { upTo = write.number }
}

/// What a ledger holds when a replica starts.
package struct LedgerState: Hashable, Sendable {
    package var identity: Party
    package var promise: Ballot
    package var chosenUpTo: Slot
    package var membership: Membership
    package var configurations: [ChosenConfiguration]
    /// Every row above `chosenUpTo`, ascending; there may be gaps.
    package var entries: [SlottedEntry]
    /// Rows up to here have been given up; 0 where none has.
    package var compactedUpTo: Slot
    /// The stamp of the row at `chosenUpTo`; zero where there is none.
    package var stampAtChosen: Stamp
    package var origin: Origin

    package init(
        identity: Party, promise: Ballot, chosenUpTo: Slot, membership: Membership, configurations: [ChosenConfiguration],
        entries: [SlottedEntry], compactedUpTo: Slot, stampAtChosen: Stamp = .zero, origin: Origin = .empty
    ) {
        self.identity = identity
        self.promise = promise
        self.chosenUpTo = chosenUpTo
        self.membership = membership
        self.configurations = configurations
        self.entries = entries
        self.compactedUpTo = compactedUpTo
        self.stampAtChosen = stampAtChosen
        self.origin = origin
    }
}
