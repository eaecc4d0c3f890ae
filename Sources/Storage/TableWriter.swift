import Paxos
import Replica
import SQLite
import Synchronization

/// Writes a table's batches into its file, on an executor of its own, and copies, checks and scrubs the file there between them.
///
/// What stands in the way of a batch (a lock, a reader, no room) is waited out: nothing was written, and it is tried again.
final class TableWriter: Sendable {
    let executor: any StorageExecutor
    let handlers: StorageHandlers
    let medium: StorageMedium
    let file: GuardedFile<TableFile>
    private let nodeDirectory: String
    private let reports = Mutex(StallReports())
    private let isCheckpointPlanned = Atomic(false)

    private static let checkpointInterval = Span.milliseconds(5000)
    static let retryInterval = Span.milliseconds(Int64(Database.busySliceMilliseconds))

    init(
        _ file: consuming sending TableFile, nodeDirectory: String, medium: StorageMedium, executor: any StorageExecutor,
        handlers: StorageHandlers, failed: @escaping @Sendable (StorageError) -> Void
    ) {
        self.executor = executor
        self.handlers = handlers
        self.medium = medium
        self.nodeDirectory = nodeDirectory
        self.file = GuardedFile(file, failed: failed)
        // What an earlier life has written, too, is to become durable.
        planCheckpoint()
        planScrub()
    }

    /// `written` is called on this executor once the batch is in the file; one batch comes at a time, and perhaps a last one behind it.
    func write(_ batch: TableBatch, written: @escaping @Sendable () -> Void) {
        executor.enqueue { [self] in
            let isFirst = file.perform { (file) throws(StorageError) in
                file.waiting.append(batch)
                return file.waiting.count == 1
            }
            if isFirst == true { writeFirst(written) }
        }
    }

    private enum Attempt {
        /// A snapshot has taken the table's place since.
        case nothingWaits
        case written
        case met(StorageObstacle)
    }

    private func writeFirst(_ written: @escaping @Sendable () -> Void) {
        let attempt: Attempt? = file.perform { (file) throws(StorageError) in
            guard let batch = file.waiting.first else { return .nothingWaits }
            if let obstacle = try file.write(batch) { return .met(obstacle) }
            file.waiting.removeFirst()
            return .written
        }
        switch attempt {
        case nil, .nothingWaits: return
        case .written:
            reports.withLock { $0 = StallReports() }
            written()
            checkpoint()
        case .met(let obstacle):
            hasMet(obstacle)
            executor.enqueue(after: Self.retryInterval) { [weak self] in
                guard let self, !file.isClosing else { return }
                writeFirst(written)
            }
        }
    }

    private func hasMet(_ obstacle: StorageObstacle) {
        if obstacle == .noRoom { giveReserveUp() }
        guard let milliseconds = reports.withLock({ $0.waited() }),
            let path = file.perform({ (file) throws(StorageError) in file.path })
        else { return }
        let named = obstacle.named { medium.fileSystem.lockHolders(of: path) }
        handlers.stalled(StorageStall(path: path, milliseconds: milliseconds, obstacle: named))
    }

    private func giveReserveUp() {
        var room = DiskRoom(directory: nodeDirectory, medium)
        _ = room.ranOut()
    }

    /// On the executor: makes all that is in the file durable, from the reserve if need be.
    func checkpointWithoutRoom() {
        guard file.perform({ (file) throws(StorageError) in file.durableUpTo < file.committedUpTo }) == true else { return }
        checkpoint(isWanted: true)
        guard file.perform({ (file) throws(StorageError) in file.lacksRoom }) == true else { return }
        giveReserveUp()
        checkpoint(isWanted: true)
    }

    /// On the executor.
    func checkpoint(isWanted: Bool = false) {
        let after: (durable: Slot?, isBehind: Bool)? = file.perform { (file) throws(StorageError) in
            if isWanted { try file.checkNames() }
            return (try file.checkpoint(isWanted: isWanted), file.durableUpTo < file.committedUpTo)
        }
        guard let after else { return }
        if let durable = after.durable { handlers.completed(.tableDurable(upTo: durable)) }
        if after.isBehind { planCheckpoint() }
    }

    /// A table that is written seldom would hold up the log's compaction for long.
    private func planCheckpoint() {
        guard !isCheckpointPlanned.exchange(true, ordering: .relaxed) else { return }
        executor.enqueue(after: Self.checkpointInterval) { [weak self] in
            guard let self else { return }
            isCheckpointPlanned.store(false, ordering: .relaxed)
            checkpoint(isWanted: true)
        }
    }

    private func planScrub() {
        executor.enqueue(after: .milliseconds(medium.limits.scrubMilliseconds)) { [weak self] in
            guard let self, !file.isClosing else { return }
            let isOpen: Void? = file.perform { (file) throws(StorageError) in try file.scrubSomeRows() }
            if isOpen != nil { planScrub() }
        }
    }

    /// Writes what has come, once, and closes the file: what stands in the way then is left to the ledger.
    func close() {
        file.beginClosing()
        executor.enqueue { [self] in
            _ = file.perform { (file) throws(StorageError) in
                file.backup = nil
                while let batch = file.waiting.first, try file.write(batch) == nil { file.waiting.removeFirst() }
            }
            file.close()
        }
    }
}
