package import KeyValue
package import Paxos
package import Replica

/// A replica's snapshots on disk.
package final class SnapshotStore: SnapshotPort, Sendable {
    package func offer(atLeast: Slot, isFresh: Bool) {}
    package func read(_ request: SnapshotPiece) {}
    package func store(_ chunk: SnapshotChunk) {}
    package func install(slot: Slot, replayThrough: Slot) {}
    /// Ends what is under way; closes what is open when that is done.
    package func close() {}
}
