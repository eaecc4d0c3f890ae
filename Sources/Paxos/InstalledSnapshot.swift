/// A snapshot that has become the table.
package struct InstalledSnapshot: Hashable, Sendable {
    package let slot: Slot
    /// The table's slot: the snapshot's, or that of the last row of the own ledger that was applied behind it.
    package let appliedUpTo: Slot
    /// The stamp at `appliedUpTo`.
    package let stamp: Stamp
    /// Chosen at or below `slot`; at least all that may govern a slot above it.
    package let configurations: [ChosenConfiguration]
    /// As the ledger has it now: a stranger that the newest configuration names as a learner is born. One that it names as a voter is
    /// not: it has been born before, and has forgotten it.
    package let membership: Membership

    package init(slot: Slot, appliedUpTo: Slot, stamp: Stamp, configurations: [ChosenConfiguration], membership: Membership) {
        self.slot = slot
        self.appliedUpTo = appliedUpTo
        self.stamp = stamp
        self.configurations = configurations
        self.membership = membership
    }
}
