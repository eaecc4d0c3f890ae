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
