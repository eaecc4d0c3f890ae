package import Paxos

/// A replica's view of itself and its group at one moment, for status.
package struct ShardReport: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable {
        case leader, follower
        /// Its group is being born: see `awaited`.
        case unborn
        /// The group knows another incarnation of it: it does not vote, and has to be replaced.
        case stranger
    }

    package let role: Role
    package let leader: NodeID?
    package let promised: Ballot
    package let incarnation: Incarnation
    package let boot: Boot
    package let chosenUpTo: Slot
    package let appliedUpTo: Slot
    package let lastSlot: Slot
    /// To compare with another replica's at the same slot; nil where none has come due yet.
    package let tableHash: TableHash?
    package let configurationNumber: UInt64
    package let members: [Configuration.Member]
    /// Slots that are open are still governed by an earlier configuration: its quorum is needed too.
    package let isConfigurationPending: Bool
    /// First members that have not been heard from.
    package let awaited: [NodeID]
    package let holdsLease: Bool
    package let isHandingOver: Bool
    /// Nil where nothing bounds the age of the table.
    package let staleness: Span?
    /// Rows of the log up to here have been given up, or soon will be.
    package let compactedUpTo: Slot
    /// On this replica's own disk.
    package let hasRoom: Bool
    /// Nil where no snapshot is awaited.
    package let fetching: SnapshotFetch.Progress?
    /// The last snapshot that was made or named here since the start.
    package let newestSnapshot: SnapshotOffer?
    /// What a leader knows of the others.
    package let peers: [PeerProgress]

    init(_ replica: Replica, _ snapshots: SnapshotExchange, at now: Instant) {
        let group = replica.group
        role =
            switch group.stage {
            case .gathering, .ready: .unborn
            case .stranger: .stranger
            case .born: group.leads == nil ? .follower : .leader
            }
        leader = group.leader
        promised = group.promised
        incarnation = group.identity.incarnation
        boot = group.identity.boot
        chosenUpTo = group.chosenUpTo
        appliedUpTo = group.appliedUpTo
        lastSlot = group.lastSlot
        tableHash = replica.tableHash
        configurationNumber = group.configuration?.number ?? 0
        members = group.configuration?.members ?? []
        isConfigurationPending = group.isConfigurationPending
        awaited = group.awaitedMembers
        holdsLease = group.leaseHolds(at: now)
        isHandingOver = group.isHandingOver
        staleness = group.staleness(at: now)
        compactedUpTo = replica.compactedUpTo
        hasRoom = replica.hasRoom
        let isAwaiting = group.awaitsSnapshot != nil
        fetching = snapshots.progress ?? (isAwaiting ? SnapshotFetch.Progress.none : nil)
        newestSnapshot = snapshots.newest
        peers = group.peerProgress
    }
}
