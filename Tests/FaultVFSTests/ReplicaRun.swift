import FaultVFS
import KeyValue
import Paxos
import Replica
import Storage
import Synchronization

/// Does the work at once, or in its order after `hold`; delayed work when it is told to.
final class InlineExecutor: StorageExecutor {
    private let delayed = Mutex<[@Sendable () -> Void]>([])
    /// Nil where work is done at once.
    private let held = Mutex<[@Sendable () -> Void]?>(nil)

    func enqueue(_ work: @escaping @Sendable () -> Void) {
        let isHeld = held.withLock { held in
            held?.append(work)
            return held != nil
        }
        if !isHeld { work() }
    }

    /// As if its thread were busy for as long as `body` takes.
    func hold<Result: ~Copyable>(_ body: () throws(StorageError) -> Result) throws(StorageError) -> Result {
        held.withLock { $0 = [] }
        defer {
            let works = held.withLock { held in
                defer { held = nil }
                return held ?? []
            }
            for work in works { work() }
        }
        return try body()
    }

    func enqueue(after delay: Span, _ work: @escaping @Sendable () -> Void) {
        delayed.withLock { $0.append(work) }
    }

    func runDelayed() {
        let due = delayed.withLock { delayed in
            defer { delayed = [] }
            return delayed
        }
        for work in due { work() }
    }
}

/// What one life of a replica's stores reported.
final class Reports: Sendable {
    struct Seen: Sendable {
        var receipts: [UInt64] = []
        var entries: [[SlottedEntry]] = []
        var outcomes: [Outcome] = []
        var failures: [StorageError] = []
        var notices: [String] = []
        var stalls: [StorageStall] = []
        var room: [Bool] = []
        var appliedUpTo = Slot.none
        var durableUpTo = Slot.none
    }

    private let state = Mutex(Seen())

    var seen: Seen { state.withLock { $0 } }

    var handlers: StorageHandlers {
        StorageHandlers(
            completed: { event in
                self.state.withLock { seen in
                    switch event {
                    case .ledgerCommitted(let receipt): seen.receipts.append(receipt.upTo)
                    case .ledgerEntries(_, let rows): seen.entries.append(rows.entries)
                    case .roomChanged(let hasRoom): seen.room.append(hasRoom)
                    case .applied(let slot, _): seen.appliedUpTo = slot
                    case .tableDurable(let slot): seen.durableUpTo = slot
                    case .hashed, .snapshotOffered, .snapshotRead, .snapshotStored, .snapshotInstalled,
                        .snapshotRefused:
                        break
                    case .answers(let answers): seen.outcomes += answers
                    }
                }
            }, failed: { failure in self.state.withLock { $0.failures.append(failure) } },
            stalled: { stall in self.state.withLock { $0.stalls.append(stall) } },
            noticed: { notice in self.state.withLock { $0.notices.append(notice) } })
    }
}

extension OpenReplica {
    func close() {
        ledger.close()
        table.close()
        snapshots.close()
    }
}

/// Plays a script on a machine, life after life, and knows what has been acknowledged.
struct ReplicaRun {
    static let ledgerPath = "/node/shard1/ledger.sqlite"

    let machine: Machine
    let script: ReplicaScript
    /// Writes that were answered, and that were handed over.
    private(set) var acknowledged = 0
    private(set) var issued = 0
    /// What the table is known to hold durably, and how far any life has wanted to give up the log.
    private var durableUpTo = Slot.none
    private var givenUpTo = Slot.none
    /// The newest slot that the log was found to begin behind.
    private(set) var compactedUpTo = Slot.none
    private var nextStep = 0
    /// Something still waited for room when a life was ended for that.
    private(set) var isStalled = false
    private let executor = InlineExecutor()
    /// The table's writer comes to its first work once the replica is open.
    private let writer = InlineExecutor()

    init(seed: UInt64, script: ReplicaScript) throws {
        machine = try Machine(seed: seed)
        self.script = script
    }

    /// Rows go a few at a time.
    private var medium: StorageMedium {
        var limits = StorageLimits()
        limits.compactionStepSlots = 2...3
        limits.logSegmentSlots = 4
        limits.unwrittenEntriesMax = 4
        limits.reserveBytes = 100_000
        return StorageMedium(vfs: machine.medium.vfs, fileSystem: machine.medium.fileSystem, limits: limits)
    }

    func open(_ reports: Reports) throws(StorageError) -> OpenReplica {
        do throws(DiskError) {
            if !machine.vfs.process.isAlive { try machine.boot() }
        } catch {
            throw StorageError(.other, "the file system can't be registered")
        }
        let owner = ReplicaOwner(
            cluster: "demo", nodeName: "dc1", node: NodeID(rawValue: 1), shardName: "shard1", shard: ShardID(rawValue: 7))
        return try writer.hold { () throws(StorageError) in
            try ReplicaDirectory(nodeDirectory: "/node", owner: owner).open(
                ledgerExecutor: executor, tableExecutor: executor, writerExecutor: writer, snapshotExecutor: executor,
                handlers: reports.handlers, medium: medium, random: { 0xABC })
        }
    }

    /// Goes on with the script until its end, or the first failure: that of opening, or the first that the stores reported.
    /// With `closing` false the process is killed at the end, after `last`.
    mutating func play(closing: Bool = true, last: (StorageMedium) -> Void = { _ in }) -> StorageError? {
        var reports = Reports()
        isStalled = false
        do throws(StorageError) {
            var replica = try open(reports)
            var appliedUpTo = replica.appliedUpTo
            while nextStep < script.steps.count {
                let step = script.steps[nextStep]
                nextStep += 1
                switch step {
                case .write(let write):
                    issued = Int(write.number)
                    replica.ledger.commit(write)
                    waitForRoom { reports.seen.receipts.last == write.number }
                    acknowledged = max(acknowledged, reports.seen.receipts.last.map(Int.init) ?? 0)
                case .apply(let entries):
                    // A life that was cut short may have applied some of them.
                    let rest = entries.filter { $0.slot > appliedUpTo }
                    replica.table.apply(rest)
                    waitForRoom { rest.isEmpty || reports.seen.appliedUpTo == rest.last?.slot }
                    appliedUpTo = max(appliedUpTo, entries.last?.slot ?? .none)
                case .commitTable: runDelayed()
                case .compact:
                    givenUpTo = max(givenUpTo, Slot(max(durableUpTo.rawValue, 2) - 2))
                    replica.ledger.compact(upTo: givenUpTo, durableUpTo: durableUpTo)
                case .restart:
                    replica.close()
                    if isTableDurable { durableUpTo = max(durableUpTo, appliedUpTo) }
                    reports = Reports()
                    replica = try open(reports)
                    appliedUpTo = replica.appliedUpTo
                }
                if let failure = reports.seen.failures.first {
                    try checkSilence(replica, reports, failure)
                    // As the process does: at once, without closing its files.
                    machine.disk.kill()
                    return failure
                }
                if isStalled, reports.seen.stalls.isEmpty {
                    throw StorageError(.other, "step \(nextStep) is not answered, and nothing says why")
                }
                if isStalled {
                    machine.disk.kill()
                    return nil
                }
            }
            last(machine.medium)
            if !closing { machine.disk.kill() }
            replica.close()
            return nil
        } catch {
            return error
        }
    }

    /// What waits tries again after a while; the core would hand over no more meanwhile.
    private mutating func waitForRoom(_ isDone: () -> Bool) {
        for _ in 0..<3 where !isDone() { runDelayed() }
        isStalled = !isDone()
    }

    private func runDelayed() {
        executor.runDelayed()
        writer.runDelayed()
    }

    /// The table was closed, and all of it is in its file, synced.
    private var isTableDurable: Bool {
        let path = "/node/shard1/table-000001.sqlite"
        return machine.disk.isSynced(path) && machine.disk.byteCount(of: path + "-wal") == 0
    }

    /// A store that has failed does and answers nothing any more.
    private func checkSilence(_ replica: OpenReplica, _ reports: Reports, _ failure: StorageError) throws(StorageError) {
        guard failure.description.contains("ledger.sqlite") else { return }
        let before = reports.seen.receipts
        replica.ledger.commit(LedgerWrite(number: 1_000_000, promise: Ballot(round: 1_000_000, node: NodeID(rawValue: 1))))
        if reports.seen.receipts != before || reports.seen.failures.count != 1 {
            throw StorageError(.other, "it answered after it had failed")
        }
    }

    /// Opens the replica once more and compares; the first property that does not hold, nil where all do. That life is killed then:
    /// closing would tidy up the files. The newest `lost` of the acknowledged writes may be missing.
    mutating func violation(lost: Int = 0) -> String? {
        let reports = Reports()
        do throws(StorageError) {
            let replica = try open(reports)
            defer {
                machine.disk.kill()
                replica.close()
            }
            if let violation = ledgerViolation(replica, reports, lost) { return violation }
            return try tableViolation(replica, reports)
        } catch {
            return "can't be opened: \(error)"
        }
    }

    private mutating func ledgerViolation(_ replica: OpenReplica, _ reports: Reports, _ lost: Int) -> String? {
        let compacted = replica.state.compactedUpTo
        guard compacted >= compactedUpTo, compacted <= givenUpTo else {
            return "the log begins behind \(compacted): it has begun behind \(compactedUpTo), and \(givenUpTo) is all that may go"
        }
        compactedUpTo = compacted
        replica.ledger.read(LedgerRead(token: 1, from: compacted.next, through: Slot(1_000_000), byteLimit: .max))
        guard let entries = reports.seen.entries.last else { return "the log can't be read: \(reports.seen.failures)" }
        let found = (max(0, acknowledged - lost)...issued).first {
            script.ledgers[$0].entries.drop { $0.slot <= compacted }.elementsEqual(entries)
                && script.ledgers[$0].promise == replica.state.promise
        }
        guard let found else {
            return "promise \(replica.state.promise) and \(entries.count) rows are those of no write from \(acknowledged) to \(issued)"
        }
        // What was found is what the next life stands on, and may say to others: from now on it must not go.
        acknowledged = found
        issued = found
        nextStep = script.steps.firstIndex { if case .write(let write) = $0 { write.number > found } else { false } } ?? script.steps.count
        let ledger = script.ledgers[found]
        guard replica.state.chosenUpTo >= ledger.chosenUpTo, replica.appliedUpTo == replica.state.chosenUpTo,
            Int(replica.appliedUpTo.rawValue) <= ledger.entries.count
        else { return "chosen \(replica.state.chosenUpTo) and applied \(replica.appliedUpTo) do not fit write \(found)" }
        guard replica.state.entries == Array(ledger.entries[Int(replica.appliedUpTo.rawValue)...]) else {
            return "the core would not start from write \(found)"
        }
        return nil
    }

    private func tableViolation(_ replica: OpenReplica, _ reports: Reports) throws(StorageError) -> String? {
        let queries = [Query.count] + script.keys.map { Query.get(key: $0) }
        replica.table.read(queries)
        do {
            let reference = try script.ledgers[acknowledged].reference(through: replica.appliedUpTo)
            let expected = try queries.map { try reference.answer($0) }
            return reports.seen.outcomes == expected ? nil : "the table is not the reference's at slot \(replica.appliedUpTo)"
        } catch {
            return "\(error)"
        }
    }
}
