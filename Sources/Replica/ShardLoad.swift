package import Paxos

/// What stands in the queues of one shard on one node: each has a bound, and all are empty when nobody waits for anything.
package struct ShardLoad: Hashable, Sendable {
    /// Proposals that wait for their turn, at most; beyond it the sender is told that nothing happened.
    package static let proposalsMax = 8192
    package static let proposalBytesMax = 64 << 20
    /// Reads that wait for the table or for a proof of leadership, at most.
    package static let readsMax = 16384
    /// Commands of this node's clients that wait for an answer, at most; kept below what a session may hold.
    package static let writesMax = 8000
    package static let queriesMax = 16384

    package let proposals: Int
    package let proposalBytes: Int
    package let reads: Int
    package let ledgerReads: Int
    package let writes: Int
    package let queries: Int
    package let localReads: Int
    package let handovers: Int
    /// From this node's client to its own replica, or back.
    package let loopback: Int
    package let group: GroupLoad
}
