package import Paxos
package import Replica
import SQLite

/// A replica's ledger on an executor of its own: each write is one transaction and one sync (group commit is the caller's turn).
package final class LedgerStore: LedgerPort, Sendable {
    private let path: String
    private let executor: any StorageExecutor
    private let handlers: StorageHandlers
    private let file: GuardedFile<LedgerFile>

    init(_ file: consuming sending LedgerFile, executor: any StorageExecutor, handlers: StorageHandlers) {
        path = file.path
        self.executor = executor
        self.handlers = handlers
        self.file = GuardedFile(file, failed: handlers.failed)
    }

    package func commit(_ write: LedgerWrite) {
        executor.enqueue { [self] in
            guard file.perform({ (file) throws(StorageError) in try commit(write, to: &file) }) == true else { return }
            handlers.completed(.ledgerCommitted(SyncReceipt(committed: write)))
            // After the answer: the replica's turn goes on while pages are copied.
            _ = file.perform { (file) throws(StorageError) in
                try stored(path) { () throws(SQLiteError) in try file.checkpointIfDue() }
            }
        }
    }

    package func read(_ request: LedgerRead) {
        executor.enqueue { [self] in
            let entries = file.perform { (file) throws(StorageError) in
                try file.entries(from: request.from, through: request.through, byteLimit: request.byteLimit)
            }
            if let entries { handlers.completed(.ledgerEntries(request, LogRows(entries: entries, compactedUpTo: .none))) }
        }
    }

    package func compact(upTo: Slot, durableUpTo: Slot) {}

    /// How many commits, and so syncs, this ledger has made since it was opened; nil once closed.
    package var commitCount: Int? {
        file.perform { (file) throws(StorageError) in file.connection.commitCount }
    }

    /// Closes the file when everything before is done; a write that waits for another program's lock is given up, unanswered.
    package func close() {
        file.beginClosing()
        executor.enqueue { [self] in
            file.close()
        }
    }

    /// False when the wait for a lock was given up.
    private func commit(_ write: LedgerWrite, to file: inout LedgerFile) throws(StorageError) -> Bool {
        let patience = Patience(path: path, isStopping: { self.file.isClosing }, stalled: handlers.stalled)
        do throws(SQLiteError) {
            guard let transaction = try patience.begin(file.connection) else { return false }
            try file.commit(write, in: transaction)
            return true
        } catch {
            throw StorageError(error, path: path)
        }
    }
}
