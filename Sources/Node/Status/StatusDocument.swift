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
        /// `leader`, `candidate` or `follower`.
        package var role: String
        /// `gathering`, `ready`, `born` or `stranger`.
        package var stage: String
        /// The nodes that the group's birth waits for.
        package var waitingFor: [String]
        /// As far as this replica knows.
        package var leader: String?
        package var preferredLeader: String?
        package var promised: Ballot
        package var chosenUpTo: UInt64
        package var appliedUpTo: UInt64
        /// At the leader: how far the others have come.
        package var followers: [Follower]
        /// What keeps this replica from its work, if anything does.
        package var trouble: String?
    }

    package struct Follower: Codable, Hashable, Sendable {
        package var node: String
        package var acknowledgedUpTo: UInt64
        /// Slots that are chosen and not acknowledged.
        package var lag: UInt64
    }

    package struct Peer: Codable, Hashable, Sendable {
        package var node: String
        /// `udp`, `tcp` (UDP does not get through, or is not wanted) or `down`.
        package var path: String
        package var counters: [String: UInt64]
    }
}
