package import Paxos

/// The directory of one replica, `DIR/shard/`: a ledger, and a table in a file with a generation in its name.
package struct ReplicaDirectory: Hashable, Sendable {
    package let path: String
    /// Where the node's own files are: `LOCK` and `RESERVE`.
    let nodeDirectory: String
    package let owner: ReplicaOwner

    /// `nodeDirectory` exists, and its `NodeLock` is held for as long as the replica is open.
    package init(nodeDirectory: String, owner: ReplicaOwner) throws(StorageError) {
        guard !owner.shardName.isEmpty, !owner.shardName.hasPrefix("."), !owner.shardName.contains("/") else {
            throw StorageError(.other, "a shard's name is a directory's name: '\(owner.shardName)' can't be one")
        }
        path = nodeDirectory + "/" + owner.shardName
        self.nodeDirectory = nodeDirectory
        self.owner = owner
    }

    static func ledgerPath(_ directory: String) -> String { directory + "/ledger.sqlite" }

    static func tablePath(_ directory: String, generation: UInt64) -> String {
        directory + "/" + tablePrefix + zeroPadded(generation) + tableSuffix
    }

    static func snapshotsPath(_ directory: String) -> String { directory + "/snapshots" }

    /// Nil where a file of this name is no table.
    static func tableGeneration(ofName name: Substring) -> UInt64? {
        guard name.hasPrefix(tablePrefix), name.hasSuffix(tableSuffix) else { return nil }
        return UInt64(name.dropFirst(tablePrefix.count).dropLast(tableSuffix.count))
    }

    private static let tablePrefix = "table-"
    private static let tableSuffix = ".sqlite"

    private static func zeroPadded(_ generation: UInt64) -> String {
        let digits = String(generation)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}

/// A replica's files, open, with the table rolled forward to what its ledger knows to be chosen, but for its last entries, which it applies
/// before anything that it is asked. Where the ledger could not do that (`appliedUpTo` is below `state.chosenUpTo`), the table has to become
/// that of a snapshot, at `state.compactedUpTo` or above.
package struct OpenReplica: Sendable {
    /// Its `entries` are the rows above its `chosenUpTo`.
    package let state: LedgerState
    /// With the last entries.
    package let appliedUpTo: Slot
    /// Without them: the table says when it has applied them.
    package let rolledUpTo: Slot
    package let ledger: LedgerStore
    package let table: TableStore
    package let snapshots: SnapshotStore
}
