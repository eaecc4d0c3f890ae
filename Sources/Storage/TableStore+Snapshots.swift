import Paxos
import Replica
import SQLite

/// What the table does for its snapshots, on its own executor.
extension TableStore {
    /// Copies the table, with all that has been applied by now, to `path`, which is free, in steps with other work between them. Gives an
    /// error that ends the copy and nothing else: there is no room, or a lock stays.
    func makeSnapshot(at path: String, then: @escaping @Sendable (Result<SnapshotPoint, StorageError>) -> Void) {
        flush { [writer] in writer.stepSnapshot(at: path, begins: true, then) }
    }

    /// Stops until `switchOver` where a snapshot at `slot` is worth something: what comes meanwhile waits.
    func pause(for slot: Slot, then: @escaping @Sendable (_ isBehind: Bool) -> Void) {
        executor.enqueue { [self] in
            let isBehind = table.perform { (table) throws(StorageError) in
                table.isPaused = table.appliedUpTo < slot
                return table.isPaused
            }
            if let isBehind { then(isBehind) }
        }
    }

    /// The file at `path`, which the ledger names, is the table now; the old one is closed. Waits where something is in the way. The table
    /// is paused: it makes no more batches, and one that still waits with the writer (for a lock, or room) goes with the old file.
    func switchOver(to path: String, _ expected: TableState, then: @escaping @Sendable (_ oldPath: String) -> Void) {
        writer.switchOver(to: path, expected) { [self] state in
            executor.enqueue { [self] in
                let oldPath: String? = table.perform { (table) throws(StorageError) in
                    var next = try AppliedTable(path: path, state, medium: medium, hashEvery: table.hashEvery)
                    next.take(over: &table)
                    let oldPath = table.path
                    table = next
                    return oldPath
                }
                guard let oldPath else { return }
                then(oldPath)
                takeBacklog()
            }
        }
    }

    /// Applies rows of the log, without answers; then, when that is done, says where the table stands.
    func replay(_ entries: [SlottedEntry], then: @escaping @Sendable (SnapshotPoint) -> Void) {
        executor.enqueue { [self] in
            let isDone = TableWork.call { [self] in
                let point = table.perform { (table) throws(StorageError) in
                    SnapshotPoint(slot: table.appliedUpTo, stamp: table.appliedStamp)
                }
                if let point { then(point) }
            }
            take([.replay(entries), isDone])
        }
    }
}
