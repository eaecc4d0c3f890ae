import KeyValue
package import Paxos
import SQLite

/// Makes a replica's directory of a backup, for a node that does not run.
///
/// What comes of it is a new life, which has promised nothing and votes only once all first members of its group stand at the same
/// backup. Its keys have what the backup had; sessions are not taken over: no client of the old cluster goes on with one.
package enum ReplicaRestore {
    /// `backup` is a snapshot's file, which stays as it is; in `replica` there is nothing yet. On return all is durable. What an attempt
    /// that failed has left is no replica: it is deleted by hand, and the next attempt begins anew.
    package static func restore(
        _ backup: String, to replica: ReplicaDirectory, medium: StorageMedium = .operatingSystem(), random: () -> UInt64
    ) throws(StorageError) -> Origin {
        let fileSystem = medium.fileSystem
        try fileSystem.makeDirectory(replica.path)
        let names = try fileSystem.names(in: replica.path).filter { $0 != "." && $0 != ".." }
        guard names.isEmpty else {
            throw StorageError(.other, "\(replica.path) is not empty: a backup is restored into a new directory, never over anything")
        }
        let copy = replica.path + "/restoring.sqlite"
        try fileSystem.copy(backup, to: copy)
        let contents = try SnapshotContents(path: copy, vfs: medium.vfs)
        guard contents.state.owner.shardName == replica.owner.shardName else {
            throw StorageError(
                .foreign, "\(backup) is a backup of shard \(contents.state.owner.shardName), not of \(replica.owner.shardName)")
        }
        // The same on every member that is given the same backup: the rows only, since the sessions go.
        let origin = Origin(slot: contents.state.appliedUpTo, hash: contents.state.rowsHash)
        guard origin.slot > .none else { throw StorageError(.other, "\(backup) holds nothing: an empty replica needs no backup") }
        let incarnation = Incarnation(rawValue: max(random(), 1))
        let expected = TableState(owner: replica.owner, incarnation: incarnation, generation: 0)
        let table = try TableFiles(replica.path, fileSystem).adopt(copy, as: expected, forgetsSessions: true, medium)
        // Last: without a ledger the directory is nobody's.
        _ = try LedgerFile(
            path: ReplicaDirectory.ledgerPath(replica.path), medium: medium, owner: replica.owner, freshTable: table.generation,
            freshIncarnation: incarnation, origin: origin, stamp: contents.state.stamp)
        try fileSystem.syncDirectory(replica.path)
        return origin
    }
}

extension StorageFileSystem {
    /// Copies a file that no connection has open, a piece at a time; synced by whoever gives it its name. False where it became shorter
    /// meanwhile, or is empty.
    @discardableResult func copy(_ path: String, to other: String) throws(StorageError) -> Bool {
        guard let byteCount = try byteCount(of: path) else { throw StorageError(.other, "\(path) is missing") }
        var offset: UInt64 = 0
        while offset < byteCount {
            let piece = try read(path, at: offset, count: SnapshotChunk.bytesMax)
            guard !piece.isEmpty else { return false }
            try write(piece, to: other, at: offset)
            offset += UInt64(piece.count)
        }
        return byteCount > 0
    }
}
