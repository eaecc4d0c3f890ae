/// What is to be done about an input.
package struct Output: Hashable, Sendable {
    /// To be made durable; later writes may be merged into it before it is handed over.
    package var write: LedgerWrite?
    /// May leave at once: nothing here rests on a write that has not been synced.
    package var messages: [Envelope] = []
    /// Newly chosen, and durable here: follows without a gap what was given before.
    package var apply: [SlottedEntry] = []
    package var reads: [LogRequest] = []
    /// Said once; stands until a snapshot has been installed.
    package var snapshotWanted: SnapshotWish?
    package var notices: [Notice] = []
    package internal(set) var standing = Standing()

    package init() {}
}

/// What this replica lacks can't be had from logs any more: its table has to become that of a peer's snapshot.
package struct SnapshotWish: Hashable, Sendable {
    /// Whom to ask first.
    package let peer: NodeID
    /// A snapshot below is of no use.
    package let atLeast: Slot
    /// Rows behind the snapshot, up to here, are taken from the own ledger.
    package let replayThrough: Slot

    package init(peer: NodeID, atLeast: Slot, replayThrough: Slot) {
        self.peer = peer
        self.atLeast = atLeast
        self.replayThrough = replayThrough
    }
}
