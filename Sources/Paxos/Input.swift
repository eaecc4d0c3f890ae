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
