package import Paxos

/// What one shard's queues on one node may hold: beyond it the client is told that nothing happened, and to try again.
package struct ShardLimits: Hashable, Sendable {
    /// Proposals that wait for their turn.
    package var proposalsMax = 8192
    package var proposalBytesMax = 64 << 20
    /// Reads that wait for the table or for a proof of leadership.
    package var readsMax = 16384
    /// Of the answer to a read that came from another node, in bytes: less than what a message between nodes may hold.
    package var remoteAnswerBytesMax = 15 << 20
    /// Commands of this node's clients that wait for an answer; kept below what a session may hold.
    package var writesMax = 8000
    package var queriesMax = 16384
    /// Of the node's session, by the log's stamps; what is idle is kept alive after a third of it.
    package var sessionTimeToLive = Span.milliseconds(600_000)

    /// Chosen slots that stay in the log for whoever falls behind; a live follower may need so many.
    package var logTailSlots = 65_536
    package var logCourtesySlots = 4 * 65_536

    package init() {}
}
