/// Between a shard's client on one node and the shard's leader on another.
package enum ServiceMessage: Hashable, Sendable {
    /// Propose this `SessionCommand` (in its byte form). `previous` is the sequence sent just before it, or 0 where a run
    /// starts: whoever has not proposed `previous` refuses, so that one session's commands stay in order.
    case propose(session: SessionID, sequence: UInt64, previous: UInt64, command: [UInt8])
    /// Sent by the leader that applied it.
    case outcome(session: SessionID, sequence: UInt64, Outcome)
    /// The receiver did not propose it.
    case refused(session: SessionID, sequence: UInt64, Refusal)
    case query(token: UInt64, Query)
    case answer(token: UInt64, Outcome)
    case queryRefused(token: UInt64, Refusal)
    /// The answer has so many bytes, which no message may.
    case answerTooLarge(token: UInt64, byteCount: UInt64)
    case snapshotWanted(SnapshotRequest)
    case snapshotChunk(SnapshotChunk)
    /// The sender has none at the slot that was asked for, or above, and is not making one: ask another replica.
    case snapshotUnavailable
    /// A follower's table at one slot, to its leader.
    case tableHash(slot: UInt64, hash: UInt64)
}

package enum Refusal: Hashable, Sendable {
    /// The node of the leader that the sender knows of, if any.
    case notLeader(UInt16?)
    /// A bound has been reached.
    case busy
    /// The leader, or a majority, has no room on its disks.
    case diskFull
}
