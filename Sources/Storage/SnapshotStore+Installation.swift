package import Paxos
import Replica
import SQLite

/// How a received snapshot becomes the table: verified, made this replica's under the next generation's name, named by the ledger in
/// one synced transaction, and only then put in the old one's place.
///
/// A crash before that transaction leaves the old table, and a file that the next start deletes; a crash after it leaves the new one.
extension SnapshotStore {
    package func install(slot: Slot, replayThrough: Slot) {
        executor.enqueue { [self] in
            let received: Result<SnapshotContents, StorageError>? = desk.perform { (desk) throws(StorageError) in
                do throws(StorageError) {
                    let contents = try verified(slot, &desk)
                    desk.isInstalling = true
                    return .success(contents)
                } catch {
                    guard error.kind != .inputOutput else { throw error }
                    return .failure(error)
                }
            }
            switch received {
            case nil: return
            case .failure(let error): refuse(slot, error.description)
            case .success(let contents): prepare(Installation(slot: slot, replayThrough: replayThrough, contents: contents))
            }
        }
    }

    private struct Installation: Sendable {
        let slot: Slot
        let replayThrough: Slot
        let contents: SnapshotContents
    }

    /// Moved to where the next start deletes it, and found to be what the peer made.
    private func verified(_ slot: Slot, _ desk: inout SnapshotDesk) throws(StorageError) -> SnapshotContents {
        let path = desk.folder.adoptingPath
        guard let incoming = desk.receiver.incoming, incoming.offer.slot == slot, incoming.isWhole else {
            throw StorageError(.other, "the snapshot at slot \(slot) is not whole")
        }
        guard
            try SnapshotHash.of(desk.receiver.partPath(slot), byteCount: incoming.offer.byteCount, medium.fileSystem) == incoming.offer.hash
        else { throw StorageError(.damaged, "the snapshot at slot \(slot) is not what the peer sent: its hash is another") }
        try desk.receiver.hand(over: slot, to: path)
        let contents = try SnapshotContents(path: path, vfs: medium.vfs)
        let (found, own) = (contents.state.owner, expected.owner)
        guard found.cluster == own.cluster, found.shard == own.shard, found.shardName == own.shardName else {
            throw StorageError(.foreign, "the snapshot at slot \(slot) is that of shard \(found.shardName) of cluster \(found.cluster)")
        }
        guard contents.state.appliedUpTo == slot else {
            throw StorageError(.damaged, "the snapshot stands at slot \(contents.state.appliedUpTo), not at \(slot)")
        }
        return contents
    }

    private func refuse(_ slot: Slot, _ line: String) {
        let isOpen: Void? = desk.perform { (desk) throws(StorageError) in
            try desk.receiver.drop()
            try desk.folder.clearAdopting()
            desk.isInstalling = false
        }
        guard isOpen != nil else { return }
        handlers.completed(.snapshotRefused(slot: slot, line))
        make()
    }

    private func prepare(_ installation: Installation) {
        table.pause(for: installation.slot) { [self] isBehind in
            executor.enqueue { [self] in
                if isBehind {
                    makeOwn(installation)
                } else {
                    refuse(installation.slot, "the table has come further than slot \(installation.slot) by itself")
                }
            }
        }
    }

    private func makeOwn(_ installation: Installation) {
        let state: Result<TableState, StorageError>? = desk.perform { (desk) throws(StorageError) in
            do throws(StorageError) {
                return .success(try TableFiles(directory, medium.fileSystem).adopt(desk.folder.adoptingPath, as: expected, medium))
            } catch {
                guard error.kind == .full || error.kind == .busy else { throw error }
                return .failure(error)
            }
        }
        switch state {
        case nil: return
        case .failure: executor.enqueue(after: Self.retryInterval) { [self] in makeOwn(installation) }
        case .success(let state): changeOver(installation, to: state)
        }
    }

    private func changeOver(_ installation: Installation, to state: TableState) {
        let contents = installation.contents
        let adoption = Adoption(
            slot: installation.slot, stamp: contents.state.stamp, configurations: contents.configurations, generation: state.generation)
        ledger.perform(
            { (file) throws(StorageError) in try file.attempt { (file) throws(SQLiteError) in try file.adopt(adoption) } },
            then: { [self] obstacle in
                if obstacle == nil {
                    let path = ReplicaDirectory.tablePath(directory, generation: state.generation)
                    table.switchOver(to: path, state) { [self] oldPath in
                        executor.enqueue { [self] in deleteTable(oldPath) }
                        replay(installation, from: installation.slot)
                    }
                } else {
                    executor.enqueue(after: Self.retryInterval) { [self] in changeOver(installation, to: state) }
                }
            })
    }

    private func deleteTable(_ path: String) {
        _ = desk.perform { (desk) throws(StorageError) in
            try TableFiles(directory, medium.fileSystem).delete(path)
            desk.isInstalling = false
        }
        make()
    }

    /// Commits come between.
    private static let rowsMax = 4096

    private func replay(_ installation: Installation, from slot: Slot) {
        ledger.perform(
            { [limits = medium.limits] (file) throws(StorageError) in
                try file.entries(
                    from: slot.next, through: installation.replayThrough, byteLimit: limits.replayBytesMax,
                    countLimit: min(limits.replayEntriesMax, Self.rowsMax))
            },
            then: { [self] entries in
                table.replay(entries) { [self] point in
                    if entries.isEmpty { report(installation, point) } else { replay(installation, from: point.slot) }
                }
            })
    }

    private func report(_ installation: Installation, _ point: SnapshotPoint) {
        ledger.perform(
            { (file) throws(StorageError) in
                InstalledSnapshot(
                    slot: installation.slot, appliedUpTo: point.slot, stamp: point.stamp,
                    configurations: installation.contents.configurations, membership: try file.membership())
            },
            then: { [self] installed in handlers.completed(.snapshotInstalled(installed)) })
    }
}
