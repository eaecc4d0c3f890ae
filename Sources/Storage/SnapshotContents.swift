import Paxos
import SQLite

/// What a snapshot's file holds, read whole and found to be what was written.
struct SnapshotContents: Sendable {
    let state: TableState
    let configurations: [ChosenConfiguration]
    /// Of the table, sessions and all: what replicas compare at equal slots.
    let hash: UInt64

    /// Throws `damaged`, `foreign` or `newerVersion` where it can't be used. The file is closed, and nobody writes it.
    init(path: String, vfs: String?) throws(StorageError) {
        let connection = try stored(path) { () throws(SQLiteError) in
            try Connection(path: path, access: .immutable, busyTimeout: 0, vfs: vfs)
        }
        guard try Schema.check(connection, path, .table) > 0 else { throw StorageError(.damaged, "\(path) is empty") }
        if let problem = try TableCheck.problems(of: connection, path).first { throw StorageError(.damaged, "\(path): \(problem)") }
        guard let state = try TableState.read(connection, path) else { throw StorageError(.damaged, "\(path) has no state row") }
        self.state = state
        configurations = try Members.configurations(connection, path)
        hash = try SessionRows.read(connection, path).reduce(state.rowsHash) { $0 &+ RowChecksum.of($1) }
    }
}
