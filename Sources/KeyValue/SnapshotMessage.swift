/// Asks for a piece of a snapshot: the receiver pulls, so it takes no more than it can store, and goes on where a connection broke.
package struct SnapshotRequest: Hashable, Sendable {
    /// A snapshot at a lower slot is of no use.
    package let atLeast: UInt64
    /// The snapshot that is being received; 0 at the beginning, when any will do.
    package let slot: UInt64
    /// Of the piece that is asked for, in bytes.
    package let offset: UInt64

    package init(atLeast: UInt64, slot: UInt64, offset: UInt64) {
        self.atLeast = atLeast
        self.slot = slot
        self.offset = offset
    }
}

/// A piece of a snapshot's file, and what the whole of it is.
package struct SnapshotChunk: Hashable, Sendable {
    /// All pieces but the last have this size.
    package static let bytesMax = 256 << 10

    package let slot: UInt64
    /// Of the whole file.
    package let byteCount: UInt64
    /// Of the whole file (`Checksum`).
    package let hash: UInt64
    package let offset: UInt64
    package let bytes: [UInt8]

    package init(slot: UInt64, byteCount: UInt64, hash: UInt64, offset: UInt64, bytes: [UInt8]) {
        self.slot = slot
        self.byteCount = byteCount
        self.hash = hash
        self.offset = offset
        self.bytes = bytes
    }
}
