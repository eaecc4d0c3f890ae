package import KeyValue
package import Paxos
import Replica
import SQLite
import Synchronization

/// A replica's table on an executor of its own: applies what is chosen, in memory over the file, and answers reads. The file is written
/// elsewhere (`TableWriter`), so neither waits for it, unless it takes so long that memory holds as much as it may.
package final class TableStore: TablePort, Sendable {
    let executor: any StorageExecutor
    let handlers: StorageHandlers
    let medium: StorageMedium
    let table: GuardedFile<AppliedTable>
    let writer: TableWriter
    /// For `makeDurable`.
    private let isFlushing = Atomic(false)

    /// How long an applied entry stays in memory alone, where few come: what is lost with the process is replayed from the ledger.
    private static let writeInterval = Span.milliseconds(100)

    /// A table that turns out not to be what was written is given up in `ledger` before the process ends.
    init(
        _ table: consuming sending AppliedTable, file: consuming sending TableFile, ledger: LedgerStore, nodeDirectory: String,
        medium: StorageMedium, executor: any StorageExecutor, writerExecutor: any StorageExecutor, handlers: StorageHandlers
    ) {
        self.executor = executor
        self.handlers = handlers
        self.medium = medium
        let failed: @Sendable (StorageError) -> Void = { error in
            guard error.kind == .damaged else { return handlers.failed(error) }
            ledger.giveTableUp(error)
        }
        self.table = GuardedFile(table, failed: failed)
        writer = TableWriter(
            file, nodeDirectory: nodeDirectory, medium: medium, executor: writerExecutor, handlers: handlers, failed: failed)
        // What the start has applied is written although nothing more may come.
        executor.enqueue { [self] in takeBacklog() }
    }

    package func apply(_ entries: [SlottedEntry]) {
        guard !entries.isEmpty else { return }
        executor.enqueue { [self] in take([.apply(entries)]) }
    }

    package func read(_ queries: [Query]) {
        guard !queries.isEmpty else { return }
        executor.enqueue { [self] in take([.read(queries)]) }
    }

    /// Writes what is applied and closes the file when everything before is done; a write that waits is given up, unanswered.
    package func close() {
        table.beginClosing()
        executor.enqueue { [self] in
            // Where a snapshot is about to take its place, nothing of it is worth writing.
            let last = table.perform { (table) throws(StorageError) in table.isDirty && !table.isPaused ? table.takeBatch() : nil }
            // The reader goes before the writer, which takes the write-ahead log with it.
            table.close()
            if let last, let last { writer.write(last) {} }
            writer.close()
        }
    }

    /// Calls `then`, on the writer's executor, once everything applied before is in the file.
    func flush(then: @escaping @Sendable () -> Void) {
        executor.enqueue { [self] in
            carryOn { (table) throws(StorageError) in
                table.flush(then: then)
                return TableAfterwork()
            }
        }
    }

    /// Without room the log's rows are what can make some, once the table holds them durably: asked for again and again.
    func makeDurable() {
        writer.executor.enqueue { [writer] in writer.checkpointWithoutRoom() }
        guard !isFlushing.exchange(true, ordering: .relaxed) else { return }
        flush { [self] in
            isFlushing.store(false, ordering: .relaxed)
            writer.checkpointWithoutRoom()
        }
    }

    /// On the executor. What comes while nothing can be applied waits: everything is answered in its order.
    func take(_ works: [TableWork]) {
        carryOn { (table) throws(StorageError) in
            var after = TableAfterwork()
            try perform(works, &table, &after)
            return after
        }
    }

    /// On the executor: goes on with what waited.
    func takeBacklog() {
        guard !table.isClosing else { return }
        carryOn { (table) throws(StorageError) in
            var after = TableAfterwork()
            try perform(table.takeBacklog(), &table, &after)
            return after
        }
    }

    /// Does it, and then what it has made due. Whoever hears of it may hand over more work at once.
    private func carryOn(_ body: (inout AppliedTable) throws(StorageError) -> TableAfterwork) {
        let after = table.perform { (table) throws(StorageError) in
            var after = try body(&table)
            after.continuations += table.takeFlushes().map { done in { [writer] in writer.executor.enqueue(done) } }
            after.batch = table.dueBatch()
            // There is room in memory again.
            if after.batch != nil, !table.isWaiting { try perform(table.takeBacklog(), &table, &after) }
            after.needsInterval = table.beginsInterval()
            return after
        }
        guard let after else { return }
        for event in after.events { handlers.completed(event) }
        if let batch = after.batch { writer.write(batch) { [self] in executor.enqueue { [self] in batchIsWritten() } } }
        if after.needsInterval { runInterval() }
        for work in after.continuations { work() }
    }

    private func batchIsWritten() {
        carryOn { (table) throws(StorageError) in
            table.batchIsWritten()
            var after = TableAfterwork()
            try perform(table.takeBacklog(), &table, &after)
            return after
        }
    }

    private func runInterval() {
        executor.enqueue(after: Self.writeInterval) { [weak self] in
            self?.carryOn { (table) throws(StorageError) in
                table.intervalHasPassed()
                return TableAfterwork()
            }
        }
    }

    private func perform(_ works: [TableWork], _ table: inout AppliedTable, _ after: inout TableAfterwork) throws(StorageError) {
        for (index, work) in works.enumerated() {
            guard !table.isWaiting, table.backlog.isEmpty else {
                table.backlog += works[index...]
                return
            }
            switch work {
            case .apply(let entries): try apply(entries, isAnswered: true, &table, &after)
            case .replay(let entries): try apply(entries, isAnswered: false, &table, &after)
            case .read(let queries): after.events.append(.answers(try table.answers(queries)))
            case .rolledForward(let slot):
                try table.unmap()
                after.events.append(.applied(upTo: slot, []))
            case .call(let body): after.continuations.append(body)
            }
        }
    }

    private func apply(
        _ entries: [SlottedEntry], isAnswered: Bool, _ table: inout AppliedTable, _ after: inout TableAfterwork
    ) throws(StorageError) {
        // A snapshot may have come in between.
        let applied = table.appliedUpTo
        let rest = entries.drop { $0.slot <= applied }
        var outcomes: [AppliedCommand] = []
        outcomes.reserveCapacity(rest.count)
        var hashes: [TableHash] = []
        let count = try table.apply(rest, to: &outcomes, &hashes)
        let waiting = rest.dropFirst(count)
        if !waiting.isEmpty { table.backlog.append(isAnswered ? .apply(Array(waiting)) : .replay(Array(waiting))) }
        guard isAnswered, let last = waiting.isEmpty ? entries.last?.slot : table.appliedUpTo else { return }
        if count > 0 || waiting.isEmpty { after.events.append(.applied(upTo: last, outcomes)) }
        after.events += hashes.map(StorageEvent.hashed)
    }
}

/// What a table is to do, in its order.
enum TableWork: Sendable {
    case apply([SlottedEntry])
    /// Needs no answer.
    case replay([SlottedEntry])
    case read([Query])
    /// All is applied that a start has left; the file was mapped for that.
    case rolledForward(to: Slot)
    /// Tells that everything before is done.
    case call(@Sendable () -> Void)
}

/// What is done once the table is free again.
private struct TableAfterwork: Sendable {
    var events: [StorageEvent] = []
    var batch: TableBatch?
    var needsInterval = false
    var continuations: [@Sendable () -> Void] = []
}
