package import Paxos

/// What stands in the queues of one shard on one node: each has a bound, and all are empty when nobody waits for anything.
package struct ShardLoad: Hashable, Sendable {
    package let proposals: Int
    package let proposalBytes: Int
    package let reads: Int
    package let ledgerReads: Int
    package let writes: Int
    package let queries: Int
    package let localReads: Int
    package let handovers: Int
    /// Pieces and snapshots that peers and administrators have asked for.
    package let snapshots: Int
    /// From this node's client to its own replica, or back.
    package let loopback: Int
    package let group: GroupLoad
}
