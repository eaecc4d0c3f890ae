import DequeModule
package import Paxos
package import Replica
import SQLite
import Synchronization

/// A replica's ledger on an executor of its own: each write is one transaction and one sync (group commit is the caller's turn).
package final class LedgerStore: LedgerPort, Sendable {
    private enum Request {
        case commit(LedgerWrite)
        case read(LedgerRead)
    }

    /// Used on the executor only.
    private struct State {
        /// A write that something stands in the way of, and what came behind it: everything is answered in its order.
        var waiting: Deque<Request> = []
        var reports = StallReports()
        var room: DiskRoom
        /// Whose rows the log keeps until that table is durable.
        weak var table: TableStore?
        /// Since the last look.
        var hasCommitted = false
        var looks = 0
    }

    let path: String
    private let executor: any StorageExecutor
    let handlers: StorageHandlers
    let fileSystem: any StorageFileSystem
    private let file: GuardedFile<LedgerFile>
    private let watch: Mutex<FileWatch>
    private let state: Mutex<State>

    /// How often it is looked for what is to be done beside the writes, and for room on the disk.
    private static let lookInterval = Span.milliseconds(250)
    /// Where there is much to be done.
    private static let shortLookInterval = Span.milliseconds(20)
    /// Every so many looks, whether the files still have their names, and what the table can do where there is no room.
    private static let looksBetweenWatches = 4
    private static let retryInterval = Span.milliseconds(Int64(Database.busySliceMilliseconds))

    init(
        _ file: consuming sending LedgerFile, nodeDirectory: String, medium: StorageMedium, executor: any StorageExecutor,
        handlers: StorageHandlers
    ) {
        path = file.path
        self.executor = executor
        self.handlers = handlers
        fileSystem = medium.fileSystem
        watch = Mutex(FileWatch(path: file.path, medium.fileSystem))
        state = Mutex(State(room: DiskRoom(directory: nodeDirectory, medium)))
        self.file = GuardedFile(file, failed: handlers.failed)
        lookLater(Self.lookInterval)
    }

    func serves(_ table: TableStore) { state.withLock { $0.table = table } }

    package func commit(_ write: LedgerWrite) { executor.enqueue { [self] in take(.commit(write)) } }

    package func read(_ request: LedgerRead) { executor.enqueue { [self] in take(.read(request)) } }

    package func compact(upTo: Slot, durableUpTo: Slot) {
        executor.enqueue { [self] in
            _ = file.perform { (file) throws(StorageError) in file.compaction.want(upTo: upTo, durableUpTo: durableUpTo) }
        }
    }

    /// Does `body` on the ledger's executor, then calls `then` there; neither where the file is closed or has failed.
    func perform<Result: Sendable>(
        _ body: @escaping @Sendable (inout LedgerFile) throws(StorageError) -> Result, then: @escaping @Sendable (Result) -> Void
    ) {
        executor.enqueue { [self] in
            if let result = file.perform({ (file) throws(StorageError) in try body(&file) }) { then(result) }
        }
    }

    /// How many commits, and so syncs, this ledger has made since it was opened; nil once closed.
    package var commitCount: Int? {
        file.perform { (file) throws(StorageError) in file.connection.commitCount }
    }

    /// Closes the file when everything before is done; a write that waits is given up, unanswered.
    package func close() {
        file.beginClosing()
        executor.enqueue { [self] in
            file.close()
            state.withLock { $0.waiting = [] }
        }
    }

    private func take(_ request: Request) {
        let mustWait = state.withLock { state in
            if !state.waiting.isEmpty { state.waiting.append(request) }
            return !state.waiting.isEmpty
        }
        if !mustWait, !isDone(request) {
            state.withLock { state in
                state.waiting.append(request)
                state.reports = StallReports()
            }
            tryAgainLater()
        }
    }

    private func tryAgainLater() {
        executor.enqueue(after: Self.retryInterval) { [weak self] in
            guard let self, !file.isClosing else { return }
            while let request = state.withLock({ $0.waiting.first }) {
                guard isDone(request) else { return tryAgainLater() }
                state.withLock { state in
                    state.waiting.removeFirst()
                    state.reports = StallReports()
                }
            }
        }
    }

    /// False where something stands in the way of it.
    private func isDone(_ request: Request) -> Bool {
        switch request {
        case .commit(let write): return isDone(write)
        case .read(let request):
            let served = file.perform { (file) throws(StorageError) in try file.serve(request) }
            if let served {
                if let notice = served.notice { handlers.noticed(notice) }
                handlers.completed(.ledgerEntries(request, served.rows))
            }
            return true
        }
    }

    private func isDone(_ write: LedgerWrite) -> Bool {
        guard let obstacle = file.perform({ (file) throws(StorageError) in try file.commit(write) }) else { return true }
        if let obstacle {
            hasMet(obstacle)
            // The reserve may just have made room.
            guard obstacle == .noRoom, file.perform({ (file) throws(StorageError) in try file.commit(write) }) == .some(nil) else {
                return false
            }
        }
        state.withLock { $0.hasCommitted = true }
        handlers.completed(.ledgerCommitted(SyncReceipt(committed: write)))
        // After the answer: the replica's turn goes on while pages are copied.
        _ = file.perform { (file) throws(StorageError) in try file.checkpointIfDue() }
        return true
    }

    private func hasMet(_ obstacle: StorageObstacle) {
        let (milliseconds, hasRoom) = state.withLock { state in
            (state.reports.waited(), obstacle == .noRoom ? state.room.ranOut() : nil)
        }
        if let hasRoom { tell(hasRoom: hasRoom) }
        guard let milliseconds else { return }
        let named = obstacle.named { fileSystem.lockHolders(of: path) }
        handlers.stalled(StorageStall(path: path, milliseconds: milliseconds, obstacle: named))
    }

    private func tell(hasRoom: Bool) {
        handlers.completed(.roomChanged(hasRoom: hasRoom))
        _ = file.perform { (file) throws(StorageError) in file.compaction.hasRoom = hasRoom }
        let change = hasRoom ? "has room again" : "has less room than its reserve: until there is more, only what makes room is taken"
        handlers.noticed("the disk of \(path) \(change)")
        if !hasRoom { state.withLock { $0.table }?.makeDurable() }
    }

    private func lookLater(_ delay: Span) {
        executor.enqueue(after: delay) { [weak self] in self?.look() }
    }

    /// What is done beside the writes, in small pieces, also while one of them waits.
    private func look() {
        let (isIdle, isWatching, hasRoom, crowded) = state.withLock { state in
            defer { state.hasCommitted = false }
            state.looks += 1
            let (isWatching, hasRoom) = (state.looks.isMultiple(of: Self.looksBetweenWatches), state.room.check())
            return (!state.hasCommitted, isWatching, hasRoom, isWatching && !state.room.hasRoom ? state.table : nil)
        }
        if let hasRoom { tell(hasRoom: hasRoom) }
        crowded?.makeDurable()
        let hasMore = file.perform { (file) throws(StorageError) in
            if isWatching { try watch.withLock { (watch) throws(StorageError) in try watch.check(file.connection) } }
            var hasMore = false
            // Whatever stands in the way of it, the next look comes soon enough.
            let obstacle = try file.attempt { (file) throws(SQLiteError) in hasMore = try file.tidy(isIdle: isIdle) }
            // A file gets shorter at a checkpoint.
            try file.checkpointIfDue(isWanted: isIdle && !file.compaction.hasRoom)
            return hasMore && obstacle == nil
        }
        if let hasMore { lookLater(hasMore ? Self.shortLookInterval : Self.lookInterval) }
    }
}
