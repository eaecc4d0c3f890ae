/// What a replica's files may grow to. The defaults suit a node; a simulation draws small ones, so that what comes of them is not rare.
package struct StorageLimits: Hashable, Sendable {
    /// A checkpoint is due when a commit leaves this many frames (of 4 KiB) in the file's write-ahead log.
    package var ledgerCheckpointFrames = DatabaseKind.ledger.checkpointFrames
    package var tableCheckpointFrames = DatabaseKind.table.checkpointFrames
    /// A reader that stays makes a write-ahead log grow; with so many frames in it nothing more is written until it has left.
    package var ledgerFramesMax = 16_384
    package var tableFramesMax = 65_536
    /// What a table applies stands in memory first, so many entries and bytes of it, or bytes of values that they have changed, before it is
    /// written into the file in one batch; as much again while that batch is being written.
    package var unwrittenEntriesMax = 65_536
    package var unwrittenBytesMax = 32 << 20
    /// Written batches are kept to be read, up to so many bytes of values.
    package var cachedBytesMax = 64 << 20
    /// At most so many bytes and rows of the log are read at a time to be applied again; a start leaves the last such piece to the replica
    /// that serves.
    package var replayBytesMax = 8 << 20
    package var replayEntriesMax = 16_384
    /// The log's rows, beyond which even those that a slow follower lacks are given up.
    package var logBytesMax = 256 << 20
    /// A commit gives up rows once so many may go; where they are deleted, at most so many go at a time.
    package var compactionStepSlots = 256...1024
    /// Of a segment of the log, in a ledger that is made from now on.
    package var logSegmentSlots = 1024
    /// Newest first; older ones are deleted.
    package var snapshotsMax = 2
    /// Between two steps of the scrub, each of which reads about a hundred of the table's rows.
    package var scrubMilliseconds: Int64 = 100
    /// Kept free: with less room, only what makes room is written.
    package var reserveBytes: UInt64 = 64 << 20

    private static let checkpointFramesMin = 256

    package init() {}

    /// Sets the reserve. Where there is no room it has to hold what a batch writes and what a checkpoint copies.
    package mutating func keepFree(_ byteCount: UInt64) {
        reserveBytes = byteCount
        let frames = max(Int(byteCount) / 4 / DatabaseKind.pageBytes, Self.checkpointFramesMin)
        ledgerCheckpointFrames = min(ledgerCheckpointFrames, frames)
        tableCheckpointFrames = min(tableCheckpointFrames, frames)
        unwrittenBytesMax = min(unwrittenBytesMax, Int(byteCount) / 2)
        unwrittenEntriesMax = min(unwrittenEntriesMax, Int(byteCount) / 1024)
    }
}
