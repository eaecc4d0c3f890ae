import Paxos
import Replica
import SQLite

/// What the table does for its snapshots, on its own executor.
extension TableStore {
    /// Copies the table to `path`, which is free, in steps with other work between them. Gives an error that ends the copy and nothing
    /// else: there is no room, or a lock stays.
    func makeSnapshot(at path: String, then: @escaping @Sendable (Result<SnapshotPoint, StorageError>) -> Void) {
        executor.enqueue { [self] in stepSnapshot(at: path, begins: true, then) }
    }

    private enum Step: Sendable {
        case more(delayed: Bool)
        case over(Result<SnapshotPoint, StorageError>)
    }

    private func stepSnapshot(
        at path: String, begins: Bool, _ then: @escaping @Sendable (Result<SnapshotPoint, StorageError>) -> Void
    ) {
        let step: (step: Step, after: TableAfterwork)? = file.perform { (file) throws(StorageError) in
            var after = TableAfterwork()
            if !file.isWaiting { try commit(&file, &after) }
            guard !file.isWaiting else { return (.more(delayed: true), after) }
            do throws(StorageError) {
                if begins { try file.beginBackup(to: path, vfs: medium.vfs) }
                return (try file.stepBackup(to: path).map { .over(.success($0)) } ?? .more(delayed: false), after)
            } catch {
                file.backup = nil
                guard error.kind == .full || error.kind == .busy else { throw error }
                return (.over(.failure(error)), after)
            }
        }
        guard let step else { return }
        finish(step.after)
        switch step.step {
        case .more(let isDelayed):
            // Where nothing was begun, it is begun later.
            let again: @Sendable () -> Void = { [self] in stepSnapshot(at: path, begins: begins && isDelayed, then) }
            if isDelayed { executor.enqueue(after: Self.retryInterval, again) } else { executor.enqueue(again) }
        case .over(let result): then(result)
        }
    }

    /// Stops until `resume` or `switchOver` where a snapshot at `slot` is worth something: what comes meanwhile waits.
    func pause(for slot: Slot, then: @escaping @Sendable (_ isBehind: Bool) -> Void) {
        executor.enqueue { [self] in
            let isBehind = file.perform { (file) throws(StorageError) in
                file.isPaused = file.appliedUpTo < slot
                return file.isPaused
            }
            if let isBehind { then(isBehind) }
        }
    }

    func resume() {
        executor.enqueue { [self] in
            _ = file.perform { (file) throws(StorageError) in file.isPaused = false }
            takeBacklog()
        }
    }

    /// The file at `path`, which the ledger names, is the table now; the old one is closed. Waits where something is in the way.
    func switchOver(to path: String, _ expected: TableState, then: @escaping @Sendable (_ oldPath: String) -> Void) {
        executor.enqueue { [self] in
            let oldPath: String?? = file.perform { (file) throws(StorageError) in
                do throws(StorageError) {
                    var next = try TableFile(path: path, medium: medium, expected: expected, hashEvery: file.hashEvery)
                    next.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
                    next.backlog = file.takeBacklog()
                    let oldPath = file.path
                    file = next
                    return oldPath
                } catch {
                    guard error.kind == .full || error.kind == .busy else { throw error }
                    return nil
                }
            }
            guard let oldPath else { return }
            if let oldPath {
                then(oldPath)
                takeBacklog()
            } else {
                executor.enqueue(after: Self.retryInterval) { [self] in switchOver(to: path, expected, then: then) }
            }
        }
    }

    /// Applies rows of the log, without answers; then, when that is done, says where the table stands.
    func replay(_ entries: [SlottedEntry], then: @escaping @Sendable (SnapshotPoint) -> Void) {
        executor.enqueue { [self] in
            take(.applyAgain(entries))
            take(
                .call { [self] in
                    let point = file.perform { (file) throws(StorageError) in
                        SnapshotPoint(slot: file.appliedUpTo, stamp: file.state.stamp)
                    }
                    if let point { then(point) }
                })
        }
    }
}
