import KeyValue
import Paxos
import Replica
import SQLite

/// What a batch writes into a table's file: rows, sessions and the slot that they stand at, all or none.
struct TableBatch: Sendable {
    let rows: RowChanges
    let sessions: SessionChanges
    let state: TableState
}

/// A replica's table as of everything applied: the state machine, over rows of which the newest stand in memory only (ADR 11). What is
/// not in the file is in the ledger, which makes it again.
struct AppliedTable: ~Copyable {
    /// All that is not in the file.
    struct Memory: Sendable {
        fileprivate var state: TableState
        fileprivate var machine: StateMachine
        fileprivate var rows: OverlaidRows.Memory
        fileprivate var recentHashes: [TableHash] = []
        /// Applied and in no batch yet.
        fileprivate var entryCount = 0
        fileprivate var byteCount = 0

        var appliedUpTo: Slot { state.appliedUpTo }
        var stamp: Stamp { state.stamp }
    }

    let path: String
    private var state: TableState
    private var machine: StateMachine
    private var rows: OverlaidRows
    private let limits: StorageLimits
    /// A hash of the whole table is due at each slot that this divides.
    let hashEvery: UInt64
    private var recentHashes: [TableHash] = []
    /// Applied and in no batch yet.
    private var entryCount = 0
    private var byteCount = 0
    /// A batch has been taken, and is not in the file yet.
    private(set) var isBatchUnderWay = false
    /// Wishes to have all that was applied up to a slot in the file; answered in their order.
    private var flushes: [(slot: Slot, then: @Sendable () -> Void)] = []
    /// How often the interval has passed since the first change that no batch has taken.
    private var intervals = 0
    private(set) var isIntervalRunning = false
    /// What `entryCount` was when the interval began. Where nothing has come since, whoever looks at the file finds everything soon.
    private var entryCountAtInterval = 0
    private var isQuiet = false
    /// Of what may stand in memory, in fiftieths: less for the first batch of some nodes, so that no two of a group write at the same time.
    private var share: Int
    /// Intervals after a start in which nothing counts as quiet, and no share as less than the whole: what that has applied is not written
    /// while elections are on.
    private var startIntervals = 0
    /// What came while nothing can be applied, in its order.
    var backlog: [TableWork] = []
    /// A snapshot is about to take this table's place.
    var isPaused = false

    static let recentHashesMax = 16
    /// A table with more keys than so many full batches is a large one.
    static let largeTableBatches = 6
    /// Under load: a batch costs a page for nearly each of its rows, until it holds many of each page's.
    static let intervalsMax = 50

    /// Nodes with neighbouring numbers are a third of the time between two batches apart.
    private static func firstShare(of node: NodeID) -> Int { intervalsMax - (Int(node.rawValue) - 1) * 17 % intervalsMax }

    private static func shareOf(_ count: Int, _ share: Int) -> Int { max(1, count * share / intervalsMax) }

    static let startIntervalsMax = 20
    /// So few are written at once.
    static let promptEntriesMax = 16

    /// `state` is that of the file at `path`, which is open and stays so. `isRollingForward`: for a start that applies what the log has
    /// more than the file, before anything else has this table; its file is mapped.
    init(
        path: String, _ state: TableState, isRollingForward: Bool = false, medium: StorageMedium, hashEvery: UInt64
    ) throws(StorageError) {
        let stored = try stored(path) { () throws(SQLiteError) in
            try StoredRows(path: path, isMapped: isRollingForward, vfs: medium.vfs)
        }
        let records = try stored.sessions(path)
        let machine: StateMachine
        do throws(CodingError) {
            machine = StateMachine(sessions: try Sessions(records: records))
        } catch {
            throw StorageError(.damaged, "\(path): the sessions can't be read: \(error)")
        }
        let memory = Memory(state: state, machine: machine, rows: OverlaidRows.Memory(state))
        self.init(path: path, memory, over: stored, limits: medium.limits, hashEvery: hashEvery)
        if isRollingForward { startIntervals = Self.startIntervalsMax }
    }

    /// Goes on with what a start has applied over the same file; `rest`, which the log has beyond that, is applied before anything else.
    init(
        path: String, _ memory: Memory, rest: [SlottedEntry], medium: StorageMedium, hashEvery: UInt64
    ) throws(StorageError) {
        let stored = try stored(path) { () throws(SQLiteError) in
            try StoredRows(path: path, isMapped: !rest.isEmpty, vfs: medium.vfs)
        }
        self.init(path: path, memory, over: stored, limits: medium.limits, hashEvery: hashEvery)
        guard isDirty || !rest.isEmpty else { return }
        startIntervals = Self.startIntervalsMax
        if let last = rest.last { backlog = [.replay(rest), .rolledForward(to: last.slot)] }
    }

    /// Ends the look-ups of a start.
    func unmap() throws(StorageError) { try stored(path) { () throws(SQLiteError) in try rows.unmap() } }

    private init(path: String, _ memory: Memory, over stored: StoredRows, limits: StorageLimits, hashEvery: UInt64) {
        self.path = path
        self.limits = limits
        self.hashEvery = hashEvery
        state = memory.state
        share = Self.firstShare(of: memory.state.owner.node)
        machine = memory.machine
        rows = OverlaidRows(memory.rows, over: stored)
        recentHashes = memory.recentHashes
        entryCount = memory.entryCount
        byteCount = memory.byteCount
    }

    /// Only where no batch is under way.
    var memory: Memory {
        invariant(!isBatchUnderWay, "what is on its way to the file is not left behind")
        return Memory(
            state: state, machine: machine, rows: rows.memory, recentHashes: recentHashes, entryCount: entryCount, byteCount: byteCount)
    }

    var appliedUpTo: Slot { state.appliedUpTo }
    var appliedStamp: Stamp { state.stamp }

    /// Something is applied that no batch has taken.
    var isDirty: Bool { entryCount > 0 }

    /// More does not go into memory before a batch is taken.
    var isFull: Bool {
        entryCount >= Self.shareOf(entriesMax, currentShare)
            || max(byteCount, rows.memory.changes.valueBytes) >= Self.shareOf(limits.unwrittenBytesMax, currentShare)
    }

    private var currentShare: Int { startIntervals > 0 ? Self.intervalsMax : share }

    /// In a table so large that hardly two rows of a batch share a page, a larger batch saves little, and costs every start.
    private var entriesMax: Int {
        let max = limits.unwrittenEntriesMax
        return rows.count > UInt64(Self.largeTableBatches * max) ? Swift.max(1, max / 4) : max
    }

    /// Nothing is applied or read at the moment: it waits in the backlog.
    var isWaiting: Bool { isPaused || (isFull && isBatchUnderWay) }

    mutating func takeBacklog() -> [TableWork] {
        defer { backlog = [] }
        return backlog
    }

    // MARK: Applying

    /// Applies entries that follow on what is applied, until memory holds as much as it may; says how many.
    mutating func apply(
        _ entries: ArraySlice<SlottedEntry>, to outcomes: inout [AppliedCommand], _ hashes: inout [TableHash]
    ) throws(StorageError) -> Int {
        try stored(path) { () throws(SQLiteError) in try rows.beginReading() }
        var count = 0
        for slotted in entries {
            if isFull { break }
            invariant(slotted.slot == state.appliedUpTo.next, "entries are applied in the order of their slots, without a gap")
            if case .command(let bytes) = slotted.entry.content {
                outcomes.append(try apply(bytes, at: slotted.slot, slotted.entry.stamp))
            }
            state.appliedUpTo = slotted.slot
            state.stamp = slotted.entry.stamp
            if slotted.slot.rawValue.isMultiple(of: hashEvery) { hashes.append(keepHash(at: slotted.slot)) }
            byteCount += slotted.entry.byteCount
            entryCount += 1
            count += 1
        }
        try stored(path) { () throws(SQLiteError) in try rows.endReading() }
        return count
    }

    /// As of everything applied.
    borrowing func answers(_ queries: [Query]) throws(StorageError) -> [Outcome] {
        var answers: [Outcome] = []
        answers.reserveCapacity(queries.count)
        do {
            try rows.beginReading()
            for query in queries { answers.append(try machine.answer(query, from: rows)) }
            try rows.endReading()
        } catch {
            throw failure(error)
        }
        return answers
    }

    private mutating func apply(_ bytes: [UInt8], at slot: Slot, _ stamp: Stamp) throws(StorageError) -> AppliedCommand {
        let command: SessionCommand
        do throws(CodingError) {
            command = try SessionCommand(bytes: bytes)
        } catch {
            throw StorageError(
                .newerVersion,
                "\(path): the log's entry \(slot) can't be applied: \(error), this decree knows version "
                    + "\(SessionCommand.version): upgrade decree")
        }
        if case .agreeOnTable(let slot, let hash) = command.mutation { try compare(Slot(slot), hash) }
        do {
            let outcome = try machine.apply(command, slot: slot.rawValue, stamp: stamp.rawValue, to: &rows)
            return AppliedCommand(session: command.session, sequence: command.sequence, outcome: outcome)
        } catch {
            throw failure(error)
        }
    }

    private mutating func keepHash(at slot: Slot) -> TableHash {
        // Of all rows, the sessions' too.
        let hash = TableHash(slot: slot, value: machine.sessions.records.reduce(rows.memory.hash) { $0 &+ RowChecksum.of($1) })
        if recentHashes.count == Self.recentHashesMax { recentHashes.removeFirst() }
        recentHashes.append(hash)
        return hash
    }

    /// A table that is not what a quorum has at the same slot answers nothing more.
    private func compare(_ slot: Slot, _ hash: UInt64) throws(StorageError) {
        guard let own = recentHashes.last(where: { $0.slot == slot }), own.value != hash else { return }
        throw StorageError(
            .damaged,
            "\(path) differs from what a quorum has at slot \(slot): its hash is \(hexadecimal(own.value)), theirs is \(hexadecimal(hash))")
    }

    private func failure(_ error: any Error) -> StorageError {
        if let error = error as? SQLiteError { return StorageError(error, path: path) }
        return StorageError(.other, "\(path): \(error)")
    }

    // MARK: Writing

    /// What has been applied since the last batch, where it is time to write it: little is written at each interval, and all once nothing
    /// more comes; much only once memory holds as much as it may, or after a while, and whatever somebody waits for at once.
    mutating func dueBatch() -> TableBatch? {
        let isDue = isFull || !flushes.isEmpty || intervals >= (isQuiet || entryCount <= Self.promptEntriesMax ? 1 : currentShare)
        return isDue && isDirty && !isBatchUnderWay && !isPaused ? takeBatch() : nil
    }

    /// Also while another is under way: for the last one of a table.
    mutating func takeBatch() -> TableBatch {
        state.keyCount = rows.count
        state.largestID = rows.largestID
        state.rowsHash = rows.memory.hash
        isBatchUnderWay = true
        share = Self.intervalsMax
        entryCount = 0
        byteCount = 0
        intervals = 0
        isQuiet = false
        return TableBatch(rows: rows.takeBatch(cachedBytesMax: limits.cachedBytesMax), sessions: machine.takeSessionChanges(), state: state)
    }

    mutating func batchIsWritten() { isBatchUnderWay = false }

    /// True where an interval has to begin now.
    mutating func beginsInterval() -> Bool {
        guard isDirty, !isIntervalRunning else { return false }
        isIntervalRunning = true
        entryCountAtInterval = entryCount
        return true
    }

    mutating func intervalHasPassed() {
        isIntervalRunning = false
        startIntervals = max(0, startIntervals - 1)
        isQuiet = startIntervals == 0 && entryCount == entryCountAtInterval
        if isDirty { intervals += 1 }
    }

    /// This table takes another's place, and all that it holds is in the file: what waits for the other goes on.
    mutating func take(over other: inout AppliedTable) {
        backlog = other.takeBacklog()
        flushes = other.flushes
        isIntervalRunning = other.isIntervalRunning
    }

    mutating func flush(then: @escaping @Sendable () -> Void) { flushes.append((state.appliedUpTo, then)) }

    /// Those that have come true.
    mutating func takeFlushes() -> [@Sendable () -> Void] {
        guard !isBatchUnderWay else { return [] }
        let done = flushes.prefix { !isDirty || $0.slot < firstUnwritten }.map(\.then)
        flushes.removeFirst(done.count)
        return done
    }

    /// Only where no batch is under way.
    private var firstUnwritten: Slot { Slot(state.appliedUpTo.rawValue - UInt64(entryCount) + 1) }
}
