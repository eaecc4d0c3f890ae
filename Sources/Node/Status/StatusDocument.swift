/// What one node says of itself, its replicas and its peers: the answer to `DECREE STATUS`, as JSON.
/// Fields are only ever added.
package struct StatusDocument: Codable, Hashable, Sendable {
    package var version: String
    package var cluster: String
    /// This node's name.
    package var node: String
    package var datacenter: String
    package var processID: Int32
    package var uptimeSeconds: Int64
    package var clients: Int
    /// Every node of the cluster file, in its order.
    package var nodes: [Member]
    /// Ascending by range.
    package var shards: [Shard]
    /// Every other node.
    package var peers: [Peer]
    package var transport: Transport

    package struct Member: Codable, Hashable, Sendable {
        package var name: String
        package var datacenter: String
        package var peer: String
        package var client: String
    }

    package struct Ballot: Codable, Hashable, Sendable {
        package var round: UInt64
        package var node: String
    }

    /// This node's replica of a shard.
    package struct Shard: Codable, Hashable, Sendable {
        package var name: String
        package var keys: String
        /// `leader`, `follower`, `unborn` (its group waits for `waitingFor`) or `stranger` (does not vote).
        package var role: String
        /// As far as this replica knows.
        package var leader: String?
        package var preferredLeader: String?
        package var promised: Ballot
        package var chosenUpTo: UInt64
        package var appliedUpTo: UInt64
        /// The last slot that anything stands in here.
        package var lastSlot: UInt64
        /// Of the whole table, at a slot that all replicas hash at: to compare. Nil where none has come due since the start.
        package var tableHash: TableHash?
        package var incarnation: String
        /// How often this incarnation has been started.
        package var boot: UInt64
        /// The number of the configuration in force; 0 before the group's birth.
        package var configuration: UInt64
        package var voters: [String]
        /// The nodes that have to be heard from before the group is born.
        package var waitingFor: [String]
        package var holdsLease: Bool
        package var isHandingOver: Bool
        /// How old this table may be; nil where nothing bounds it.
        package var stalenessMilliseconds: Double?
        /// Of the configuration in force, voters and learners.
        package var members: [GroupMember]?
        /// True while slots are open that an earlier configuration governs: until then its majority is needed too.
        package var isConfigurationPending: Bool?
        /// The log holds no slot up to here, or soon will not.
        package var compactedUpTo: UInt64?
        /// False where this node's disk has less room than its reserve.
        package var hasRoom: Bool?
        /// While this replica waits for a peer's snapshot, or takes one in.
        package var fetching: Fetching?
        /// The last snapshot that was made or named here since the start.
        package var snapshot: Snapshot?
        /// At the leader: how far the others have come.
        package var followers: [Follower]
    }

    package struct GroupMember: Codable, Hashable, Sendable {
        package var node: String
        package var incarnation: String
        /// False for a learner.
        package var isVoter: Bool
    }

    package struct Fetching: Codable, Hashable, Sendable {
        /// The node that it comes from; nil while none has answered.
        package var source: String?
        package var slot: UInt64
        package var storedBytes: UInt64
        /// 0 while it is not known.
        package var byteCount: UInt64
    }

    package struct Snapshot: Codable, Hashable, Sendable {
        package var slot: UInt64
        package var byteCount: UInt64
        /// 16 hexadecimal digits.
        package var hash: String
    }

    package struct TableHash: Codable, Hashable, Sendable {
        package var slot: UInt64
        /// 16 hexadecimal digits.
        package var hash: String
    }

    package struct Follower: Codable, Hashable, Sendable {
        package var node: String
        package var acknowledgedUpTo: UInt64
        package var appliedUpTo: UInt64
        /// Slots that are chosen and not acknowledged.
        package var lag: UInt64
    }

    /// The way to another node; messages since the start.
    package struct Peer: Codable, Hashable, Sendable {
        package var node: String
        /// `udp`, `tcp` (UDP does not get through, or is not wanted) or `down`.
        package var path: String
        package var isConnected: Bool
        package var sentByDatagram: UInt64
        package var receivedByDatagram: UInt64
        package var sentByStream: UInt64
        package var receivedByStream: UInt64
        package var queuedBytes: Int
    }

    /// All peers together, since the start.
    package struct Transport: Codable, Hashable, Sendable {
        package var datagramsSent: UInt64
        package var datagramsReceived: UInt64
        package var datagramBytesSent: UInt64
        package var datagramBytesReceived: UInt64
        package var streamFramesSent: UInt64
        package var streamFramesReceived: UInt64
        package var streamBytesSent: UInt64
        package var streamBytesReceived: UInt64
        /// What came in and was not let through, by reason.
        package var dropped: [String: UInt64]
        package var queueDropped: UInt64
        package var oversizeDropped: UInt64
        package var reconnects: UInt64
        package var sendErrors: UInt64
    }
}
