import Paxos
import SQLite

/// What the table's writer does for snapshots: copies the file, and lets another take its place.
extension TableWriter {
    /// On the executor.
    func stepSnapshot(at path: String, begins: Bool, _ then: @escaping @Sendable (Result<SnapshotPoint, StorageError>) -> Void) {
        // Nil within: there is more to copy.
        let result: Result<SnapshotPoint, StorageError>?? = file.perform { (file) throws(StorageError) in
            do throws(StorageError) {
                if begins { try file.beginBackup(to: path, vfs: medium.vfs) }
                return try file.stepBackup(to: path).map { .success($0) }
            } catch {
                file.backup = nil
                guard error.kind == .full || error.kind == .busy else { throw error }
                return .failure(error)
            }
        }
        guard let result else { return }
        if let result { return then(result) }
        executor.enqueue { [self] in stepSnapshot(at: path, begins: false, then) }
    }

    /// The file at `path` takes the place of the one that is open, with its state; tried again where something is in the way.
    func switchOver(to path: String, _ expected: TableState, then: @escaping @Sendable (TableState) -> Void) {
        executor.enqueue { [self] in
            let state: TableState?? = file.perform { (file) throws(StorageError) in
                do throws(StorageError) {
                    let next = try TableFile(path: path, medium: medium, expected: expected)
                    next.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
                    file = next
                    return file.state
                } catch {
                    guard error.kind == .full || error.kind == .busy else { throw error }
                    return nil
                }
            }
            guard let state else { return }
            if let state {
                then(state)
            } else {
                executor.enqueue(after: Self.retryInterval) { [self] in switchOver(to: path, expected, then: then) }
            }
        }
    }
}
