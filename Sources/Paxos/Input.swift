/// Everything that can happen to a replica.
package enum Input: Hashable, Sendable {
    case received(Envelope)
    /// Only as many as `Group.proposalRoom` says; `stamp` is the leader's wall clock.
    case proposed([[UInt8]], stamp: Stamp)
    /// A deadline has passed; `chance` is drawn at random.
    case ticked(chance: UInt64)
    case persisted(SyncReceipt)
    case applied(upTo: Slot)
    /// Rows that `Output.reads` asked for.
    case ledgerRead(LogRequest, LogRows)
    /// The table is now that of a snapshot, with the rows behind it that the ledger held; the ledger says so, durably.
    case snapshotInstalled(InstalledSnapshot)
    /// Give this node's place in the group to the life of it that was last heard of, if this replica leads.
    case replacementWanted(NodeID)
    /// Whether this replica's disk has room for more than a reserve.
    case roomChanged(hasRoom: Bool)
    /// Reads wait for a proof that this replica still leads: ask a quorum now.
    case confirmationWanted
    /// Give leadership away, if held, to the peer that is most current.
    case handoverWanted
}

/// Chosen rows that a peer has asked for and that memory no longer holds.
package struct LogRequest: Hashable, Sendable {
    package let peer: NodeID
    package let from: Slot
    package let through: Slot
}

/// What a ledger has of what a request asked for.
package struct LogRows: Hashable, Sendable {
    /// From the request's first slot on, without a gap; empty where that slot has been given up.
    package let entries: [SlottedEntry]
    package let compactedUpTo: Slot

    package init(entries: [SlottedEntry], compactedUpTo: Slot) {
        self.entries = entries
        self.compactedUpTo = compactedUpTo
    }
}

/// What this replica lacks can't be had from logs any more: its table has to become that of a peer's snapshot.
package struct SnapshotWish: Hashable, Sendable {
    /// Whom to ask first.
    package let peer: NodeID
    /// A snapshot below is of no use.
    package let atLeast: Slot
    /// Rows behind the snapshot, up to here, are taken from the own ledger.
    package let replayThrough: Slot

    package init(peer: NodeID, atLeast: Slot, replayThrough: Slot) {
        self.peer = peer
        self.atLeast = atLeast
        self.replayThrough = replayThrough
    }
}

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

/// What is to be done about it.
package struct Output: Hashable, Sendable {
    /// To be made durable; later writes may be merged into it before it is handed over.
    package var write: LedgerWrite?
    /// May leave at once: nothing here rests on a write that has not been synced.
    package var messages: [Envelope] = []
    /// Newly chosen, and durable here: follows without a gap what was given before.
    package var apply: [SlottedEntry] = []
    package var reads: [LogRequest] = []
    /// Said once; stands until a snapshot has been installed.
    package var snapshotWanted: SnapshotWish?
    package var notices: [Notice] = []
    package internal(set) var standing = Standing()

    package init() {}
}

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

/// For the log and for status; the core does nothing more about it.
package enum Notice: Hashable, Sendable {
    case waitingFor([NodeID])
    case groupBorn
    case isStranger(StrangerReason)
    case standing(Ballot)
    case leads(Ballot)
    case steppedDown(Ballot, StepDownReason)
    case follows(NodeID, Ballot)
    case handsOver(to: NodeID)
    case replacement(of: NodeID, ReplacementAnswer)
    /// A learner has caught up, and is to vote from now on.
    case promotes(NodeID)
    /// What this replica lacks is in nobody's log any more, or its own table is lost.
    case awaitsSnapshot(atLeast: Slot)
    case snapshotInstalled(Slot)
    /// The group has given this life the place of a lost one.
    case joined
    /// This first member began with another backup, or with none.
    case differsInOrigin(NodeID)
}

/// What came of `Input.replacementWanted`.
package enum ReplacementAnswer: Hashable, Sendable {
    /// The configuration that names this life has been proposed; whether it is chosen is seen in `Group.configuration`.
    case proposed(Incarnation)
    case refused(ReplacementRefusal)
}

package enum ReplacementRefusal: Hashable, Sendable {
    /// This replica does not lead, or is not ready to.
    case doesNotLead
    case isNoMember
    /// Nothing has been heard at this node of a life without a place.
    case hasNoNewcomer
    /// The member has been heard, or this leader has not listened for long enough to say that it is silent.
    case mayBeAlive
    /// One change at a time: an earlier one is not chosen, or does not govern yet.
    case changeUnderWay
    /// As many slots are open as may be: ask again.
    case hasNoRoom
}

package enum StepDownReason: Hashable, Sendable {
    case handedOver(to: NodeID)
    /// Somebody stands, leads, or has been promised, under a higher ballot.
    case higherBallot(Ballot, at: NodeID)
    case ledgerStalled(Span)
    case tableStalled(Span)
    case noQuorum(Span)
    /// A configuration was chosen whose members have not taken part in phase 1.
    case newConfiguration
    /// Phase 1 reported more slots than may be open at once: the rest needs a phase 1 of its own.
    case windowFull
}

package enum StrangerReason: Hashable, Sendable {
    /// The peer's group exists, and knows another incarnation of this replica.
    case knownOtherwise(by: NodeID)
    /// The peer's group exists, and this ledger holds nothing of it.
    case knowsNothing(ofGroupOf: NodeID)
    /// This ledger ends below what it has acknowledged: it is an older copy.
    case rolledBack(endsAt: Slot, acknowledged: Slot, to: NodeID)
}
