package import Paxos
package import Replica
import SQLite
import Synchronization

/// A replica's table on an executor of its own: applies what is chosen, and answers reads from the same connection.
///
/// What stands in the way of a write (a lock, a reader, no room) is waited out: the table goes back to its last commit, and applies
/// what it had applied since once more.
package final class TableStore: TablePort, Sendable {
    let executor: any StorageExecutor
    let handlers: StorageHandlers
    let medium: StorageMedium
    let file: GuardedFile<TableFile>
    private let nodeDirectory: String
    private let reports = Mutex(StallReports())
    private let isCheckpointPlanned = Atomic(false)

    /// How long an applied entry may stay uncommitted: what is lost with the process is replayed from the ledger.
    private static let commitInterval = Span.milliseconds(100)
    private static let checkpointInterval = Span.milliseconds(5000)
    static let retryInterval = Span.milliseconds(Int64(Database.busySliceMilliseconds))

    /// A table that turns out not to be what was written is given up in `ledger` before the process ends.
    init(
        _ file: consuming sending TableFile, ledger: LedgerStore, nodeDirectory: String, medium: StorageMedium,
        executor: any StorageExecutor, handlers: StorageHandlers
    ) {
        self.executor = executor
        self.handlers = handlers
        self.medium = medium
        self.nodeDirectory = nodeDirectory
        self.file = GuardedFile(
            file,
            failed: { error in
                guard error.kind == .damaged else { return handlers.failed(error) }
                ledger.giveTableUp(error)
            })
        planScrub()
    }

    package func apply(_ entries: [SlottedEntry]) {
        guard !entries.isEmpty else { return }
        executor.enqueue { [self] in take(.apply(entries)) }
    }

    package func read(_ reads: [TableRead]) {
        guard !reads.isEmpty else { return }
        executor.enqueue { [self] in take(.read(reads)) }
    }

    /// Commits what is applied and closes the file when everything before is done; a write that waits is given up, unanswered.
    package func close() {
        file.beginClosing()
        executor.enqueue { [self] in
            _ = file.perform { (file) throws(StorageError) in
                file.backup = nil
                _ = try attempt(&file) { (file) throws(StorageError) in try file.commit() }
            }
            file.close()
        }
    }

    /// On the executor. What comes while a write waits, waits behind it: everything is answered in its order.
    func take(_ work: TableWork) {
        let after = file.perform { (file) throws(StorageError) in
            if file.isWaiting {
                file.backlog.append(work)
                return TableAfterwork()
            }
            return try perform([work], &file)
        }
        if let after { finish(after) }
    }

    /// On the executor: goes on with what waited.
    func takeBacklog() {
        let after = file.perform { (file) throws(StorageError) in
            guard !file.isPaused, !self.file.isClosing else { return TableAfterwork() }
            file.isBlocked = false
            defer { if !file.isWaiting { reports.withLock { $0 = StallReports() } } }
            return try perform(file.takeBacklog(), &file)
        }
        if let after { finish(after) }
    }

    /// Outside of the file: who hears of it may hand over more work at once.
    func finish(_ after: TableAfterwork) {
        for event in after.events { handlers.completed(event) }
        for work in after.continuations { work() }
    }

    private func perform(_ works: [TableWork], _ file: inout TableFile) throws(StorageError) -> TableAfterwork {
        var after = TableAfterwork()
        for (index, work) in works.enumerated() {
            switch work {
            case .apply(let entries): try apply(entries, isAnswered: true, &file, &after)
            case .applyAgain(let entries): try apply(entries, isAnswered: false, &file, &after)
            case .read(let reads): after.events.append(.answers(try answers(reads, &file)))
            case .call(let body): after.continuations.append(body)
            }
            if file.isWaiting {
                file.backlog += works[(index + 1)...]
                break
            }
        }
        return after
    }

    private func answers(_ reads: [TableRead], _ file: inout TableFile) throws(StorageError) -> [TableAnswer] {
        var answers: [TableAnswer] = []
        answers.reserveCapacity(reads.count)
        for read in reads { answers.append(TableAnswer(token: read.token, outcome: try file.answer(read.query))) }
        return answers
    }

    private func apply(
        _ entries: [SlottedEntry], isAnswered: Bool, _ file: inout TableFile, _ after: inout TableAfterwork
    ) throws(StorageError) {
        // A snapshot may have come in between.
        var rest = entries.drop { $0.slot <= file.appliedUpTo }
        if rest.isEmpty, isAnswered, let last = entries.last { after.events.append(.applied(upTo: last.slot, [])) }
        while let last = rest.prefix(TableFile.entriesPerCommit).last {
            let chunk = rest.prefix(TableFile.entriesPerCommit)
            let wasDirty = file.isDirty
            var outcomes: [AppliedCommand] = []
            outcomes.reserveCapacity(chunk.count)
            var hashes: [TableHash] = []
            let obstacle = try attempt(&file) { (file) throws(StorageError) in try file.apply(chunk, to: &outcomes, &hashes) }
            if let obstacle { return try wait(for: obstacle, &file, then: isAnswered ? .apply(Array(rest)) : .applyAgain(Array(rest))) }
            rest = rest.dropFirst(chunk.count)
            if isAnswered {
                after.events.append(.applied(upTo: last.slot, outcomes))
                after.events += hashes.map(StorageEvent.hashed)
            }
            if file.isFull {
                try commit(&file, &after)
                if file.isWaiting {
                    if !rest.isEmpty { file.backlog.append(isAnswered ? .apply(Array(rest)) : .applyAgain(Array(rest))) }
                    return
                }
            } else if !wasDirty {
                commitLater(file.transactionNumber)
            }
        }
    }

    private func commitLater(_ number: UInt64) {
        executor.enqueue(after: Self.commitInterval) { [self] in
            let after = file.perform { (file) throws(StorageError) in
                var after = TableAfterwork()
                if file.isDirty, file.transactionNumber == number { try commit(&file, &after) }
                return after
            }
            if let after { finish(after) }
        }
    }

    func commit(_ file: inout TableFile, _ after: inout TableAfterwork) throws(StorageError) {
        let obstacle = try attempt(&file) { (file) throws(StorageError) in try file.commit() }
        if let obstacle { return try wait(for: obstacle, &file, then: nil) }
        if let durable = try file.checkpoint() { after.events.append(.tableDurable(upTo: durable)) }
        planCheckpoint()
    }

    /// A table that is written seldom would hold up the log's compaction for long.
    private func planCheckpoint() {
        guard !isCheckpointPlanned.exchange(true, ordering: .relaxed) else { return }
        executor.enqueue(after: Self.checkpointInterval) { [weak self] in
            guard let self else { return }
            isCheckpointPlanned.store(false, ordering: .relaxed)
            let after = file.perform { (file) throws(StorageError) in
                var after = TableAfterwork()
                if file.isDirty { try commit(&file, &after) }
                guard !file.isDirty else { return after }
                try file.checkNames()
                if let durable = try file.checkpoint(isWanted: true) { after.events.append(.tableDurable(upTo: durable)) }
                return after
            }
            if let after { finish(after) }
        }
    }

    private func attempt(
        _ file: inout TableFile, _ body: (inout TableFile) throws(StorageError) -> Void
    ) throws(StorageError) -> StorageObstacle? {
        do throws(StorageError) {
            if !file.isDirty { guard try file.isGateOpen() else { return .reader([]) } }
            try body(&file)
            return nil
        } catch {
            switch error.kind {
            case .busy: return .lock([])
            case .full: return .noRoom
            case .foreign, .inUse, .newerVersion, .damaged, .inputOutput, .other: throw error
            }
        }
    }

    private func wait(for obstacle: StorageObstacle, _ file: inout TableFile, then work: TableWork?) throws(StorageError) {
        let again = try file.rollBack()
        file.isBlocked = true
        file.backlog = (again.isEmpty ? [] : [.applyAgain(again)]) + (work.map { [$0] } ?? []) + file.backlog
        if obstacle == .noRoom {
            var room = DiskRoom(directory: nodeDirectory, medium)
            _ = room.ranOut()
        }
        if let milliseconds = reports.withLock({ $0.waited() }) {
            let path = file.path
            let named = obstacle.named { medium.fileSystem.lockHolders(of: path) }
            handlers.stalled(StorageStall(path: path, milliseconds: milliseconds, obstacle: named))
        }
        executor.enqueue(after: Self.retryInterval) { [weak self] in self?.takeBacklog() }
    }

    private func planScrub() {
        executor.enqueue(after: .milliseconds(medium.limits.scrubMilliseconds)) { [weak self] in
            guard let self, !file.isClosing else { return }
            let isOpen: Void? = file.perform { (file) throws(StorageError) in if file.isIdle { try file.scrubSomeRows() } }
            if isOpen != nil { planScrub() }
        }
    }
}

/// What a table is to do, in its order.
enum TableWork: Sendable {
    case apply([SlottedEntry])
    /// Was answered before the table had to go back, or needs no answer.
    case applyAgain([SlottedEntry])
    case read([TableRead])
    /// Tells that everything before is done.
    case call(@Sendable () -> Void)
}

/// What is told once the file is free again.
struct TableAfterwork: Sendable {
    var events: [StorageEvent] = []
    var continuations: [@Sendable () -> Void] = []
}
