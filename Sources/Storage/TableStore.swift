package import Paxos
package import Replica
import SQLite

/// A replica's table on an executor of its own: applies what is chosen, and answers reads from the same connection.
package final class TableStore: TablePort, Sendable {
    private let path: String
    private let executor: any StorageExecutor
    private let handlers: StorageHandlers
    private let file: GuardedFile<TableFile>

    /// How long an applied entry may stay uncommitted: what is lost with the process is replayed from the ledger.
    private static let commitInterval = Span.milliseconds(100)

    init(_ file: consuming sending TableFile, executor: any StorageExecutor, handlers: StorageHandlers) {
        path = file.path
        self.executor = executor
        self.handlers = handlers
        self.file = GuardedFile(file, failed: handlers.failed)
    }

    package func apply(_ entries: [SlottedEntry]) {
        guard let last = entries.last else { return }
        executor.enqueue { [self] in
            var outcomes: [AppliedCommand] = []
            outcomes.reserveCapacity(entries.count)
            var hashes: [TableHash] = []
            guard file.perform({ (file) throws(StorageError) in try apply(entries, to: &outcomes, &hashes, &file) }) == true else { return }
            handlers.completed(.applied(upTo: last.slot, outcomes))
            for hash in hashes { handlers.completed(.hashed(hash)) }
        }
    }

    package func read(_ reads: [TableRead]) {
        guard !reads.isEmpty else { return }
        executor.enqueue { [self] in
            let answers = file.perform { (file) throws(StorageError) in
                var answers: [TableAnswer] = []
                answers.reserveCapacity(reads.count)
                for read in reads { answers.append(TableAnswer(token: read.token, outcome: try file.answer(read.query))) }
                return answers
            }
            if let answers { handlers.completed(.answers(answers)) }
        }
    }

    /// Commits what is applied and closes the file when everything before is done; a wait for a lock is given up, unanswered.
    package func close() {
        file.beginClosing()
        executor.enqueue { [self] in
            _ = file.perform { (file) throws(StorageError) in try file.commit() }
            file.close()
        }
    }

    /// False when the wait for a lock was given up.
    private func apply(
        _ entries: [SlottedEntry], to outcomes: inout [AppliedCommand], _ hashes: inout [TableHash], _ file: inout TableFile
    ) throws(StorageError) -> Bool {
        let patience = Patience(path: path, isStopping: { self.file.isClosing }, stalled: handlers.stalled)
        for start in stride(from: 0, to: entries.count, by: TableFile.entriesPerCommit) {
            let wasDirty = file.isDirty
            let chunk = entries[start..<min(start + TableFile.entriesPerCommit, entries.count)]
            guard try file.apply(chunk, to: &outcomes, &hashes, patience) else { return false }
            if file.isFull {
                try commit(&file)
            } else if !wasDirty {
                commitLater(file.transactionNumber)
            }
        }
        return true
    }

    private func commitLater(_ number: UInt64) {
        executor.enqueue(after: Self.commitInterval) { [self] in
            _ = file.perform { (file) throws(StorageError) in
                if file.isDirty, file.transactionNumber == number { try commit(&file) }
            }
        }
    }

    private func commit(_ file: inout TableFile) throws(StorageError) {
        try file.commit()
        try file.checkpointIfDue()
    }
}
