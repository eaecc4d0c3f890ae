package import KeyValue
package import Paxos

/// What a replica needs of the world. Calls return at once; completions come back as `StorageEvent`s to the replica's owner,
/// in the order of the calls within each port.

/// The ledger: promise and log. A failed write or sync ends the process (it never comes back as an event).
package protocol LedgerPort: AnyObject {
    /// Commits and syncs; answered by `ledgerCommitted`. At most one write is under way at a time.
    func commit(_ write: LedgerWrite)
    /// Reads rows `from` to at most `through`, without a gap, at most `byteLimit` bytes; answered by `ledgerEntries`.
    func read(_ request: LedgerRead)
    /// Rows up to here are not needed any more. They are given up with the commits that follow, or while nobody waits: any number at
    /// once, but in small steps while the log is too large. Never answered.
    /// Only what the table holds durably (`tableDurable`) may be given up.
    func compact(upTo: Slot, durableUpTo: Slot)
}

package struct LedgerRead: Hashable, Sendable {
    package let token: UInt64
    package let from: Slot
    package let through: Slot
    package let byteLimit: Int

    package init(token: UInt64, from: Slot, through: Slot, byteLimit: Int) {
        self.token = token
        self.from = from
        self.through = through
        self.byteLimit = byteLimit
    }
}

/// The table: keys and values, applied in slot order, and read as of everything applied before the read was handed over.
package protocol TablePort: AnyObject {
    /// Answered by `applied`.
    func apply(_ entries: [SlottedEntry])
    /// Answered by `answers`, in the order of the queries.
    func read(_ queries: [Query])
}

/// A replica's snapshots: tables at one slot, as files, made for others and received from them. Work on files goes on beside the
/// table's, in small steps, so that neither applying nor reading waits for long.
package protocol SnapshotPort: AnyObject {
    /// Names the newest snapshot at `atLeast` or above, made now where there is none or `isFresh`; answered by `snapshotOffered`,
    /// nil where none can be made (the table is below `atLeast`). One that is being made is answered once it is whole.
    func offer(atLeast: Slot, isFresh: Bool)
    /// A piece of a snapshot that was offered; answered by `snapshotRead`, nil where it is not kept any more.
    func read(_ request: SnapshotPiece)
    /// Keeps a piece of a peer's snapshot, durable before the next but a few; answered by `snapshotStored`. A chunk of another snapshot
    /// than the last one begins anew.
    func store(_ chunk: SnapshotChunk)
    /// Verifies what was received whole, makes it the table, and applies the ledger's rows behind it up to `replayThrough`;
    /// answered by `snapshotInstalled`, or `snapshotRefused` where it is not what it should be, and gone.
    func install(slot: Slot, replayThrough: Slot)
}

package struct SnapshotPiece: Hashable, Sendable {
    package let token: UInt64
    package let slot: Slot
    package let offset: UInt64

    package init(token: UInt64, slot: Slot, offset: UInt64) {
        self.token = token
        self.slot = slot
        self.offset = offset
    }
}

package struct SnapshotOffer: Hashable, Sendable {
    package let slot: Slot
    package let byteCount: UInt64
    package let hash: UInt64

    package init(slot: Slot, byteCount: UInt64, hash: UInt64) {
        self.slot = slot
        self.byteCount = byteCount
        self.hash = hash
    }
}

/// What an applied command came to; entries that are not commands have none.
package struct AppliedCommand: Hashable, Sendable {
    package let session: SessionID
    package let sequence: UInt64
    package let outcome: Outcome

    package init(session: SessionID, sequence: UInt64, outcome: Outcome) {
        self.session = session
        self.sequence = sequence
        self.outcome = outcome
    }
}

/// What a table was at one slot: replicas that differ there have gone apart, or a disk has changed something.
package struct TableHash: Hashable, Sendable {
    package let slot: Slot
    package let value: UInt64

    package init(slot: Slot, value: UInt64) {
        self.slot = slot
        self.value = value
    }
}

package enum StorageEvent: Sendable {
    case ledgerCommitted(SyncReceipt)
    case ledgerEntries(LedgerRead, LogRows)
    case applied(upTo: Slot, [AppliedCommand])
    /// One came due in what was applied.
    case hashed(TableHash)
    case answers([Outcome])
    /// A checkpoint has made the table durable up to here: its rows need the log no more.
    case tableDurable(upTo: Slot)
    /// The disk's room has fallen below the reserve, or is above it again.
    case roomChanged(hasRoom: Bool)
    case snapshotOffered(SnapshotOffer?)
    case snapshotRead(SnapshotPiece, SnapshotChunk?)
    /// All bytes before are kept; a broken transfer of this snapshot goes on here, and in the next life where the disk was last synced:
    /// up to 4 MiB before.
    case snapshotStored(slot: Slot, upTo: UInt64)
    case snapshotInstalled(InstalledSnapshot)
    /// What was received can't be used, and is gone: a line for a person.
    case snapshotRefused(slot: Slot, String)
}

/// The way to the other nodes: may lose, double, delay and reorder what it is given; never blocks.
package protocol NetworkPort: AnyObject {
    /// To the same shard's replica on `envelope.to.node`.
    func send(_ envelope: Envelope, shard: ShardID)
    /// To the same shard's replica, or the shard's client, on `node`: in order while one connection lasts.
    func send(_ message: ServiceMessage, to node: NodeID, shard: ShardID)
    /// What was sent leaves now, and not only once everything that is ready has been handed over.
    func flush()
}

/// Time, chance and turns, given from outside.
package protocol TimingPort: AnyObject {
    var now: Instant { get }
    /// Wall clock.
    var stamp: Stamp { get }
    func random() -> UInt64
    /// Asks for one `endTurn()` once what is ready now has been handed over; asking again before it comes changes nothing.
    func requestTurn()
    /// Asks for one `woke()` at about `instant`; replaces the earlier wish.
    func wake(at instant: Instant)
}
