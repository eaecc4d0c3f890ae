/// Where a group stands after a step, and until the next one: what its driver asks at every command, without a look into the group.
package struct Standing: Hashable, Sendable {
    /// The ballot under which this replica leads; nil where it does not.
    package internal(set) var leads: Ballot?
    /// The leader as far as this replica knows.
    package internal(set) var leader: NodeID?
    package internal(set) var isBorn = false
    package internal(set) var isReadable = false
    package internal(set) var refusesWrites = false
    package internal(set) var chosenUpTo = Slot.none
    /// This leader has proposed what is not known to be chosen.
    package internal(set) var hasOpenProposals = false
    /// This leader's own write may be all that is missing for something to be chosen.
    package internal(set) var choosesWithOwnWrite = false
    package internal(set) var proposalRoom = 0
    package internal(set) var proposalByteRoom = 0
    /// When the next tick is due.
    package internal(set) var deadline = Instant.distantFuture
}
