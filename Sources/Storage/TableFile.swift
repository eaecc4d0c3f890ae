import KeyValue
import Paxos
import Replica
import SQLite

/// A replica's open table: the one connection that writes it, and the state machine on top of its rows.
struct TableFile: ~Copyable {
    let path: String
    let connection: Connection
    private(set) var state: TableState
    private var machine: StateMachine
    private let rows: SQLiteRows
    private let sessions: SessionRows
    private let updateState: Statement
    /// Open from the first entry that is applied to the commit in which it ends.
    private var transaction: Transaction?
    /// Counts the transactions, so that a late wish to commit one does not end the next.
    private(set) var transactionNumber: UInt64 = 0
    /// Applied in the open transaction: where the disk has no room for it, they are applied again.
    private var uncommitted: [SlottedEntry] = []
    private var uncommittedBytes = 0
    private(set) var committedUpTo: Slot
    /// A checkpoint has made the file durable up to here.
    private(set) var durableUpTo = Slot.none
    /// A hash of the whole table is due at each slot that this divides.
    let hashEvery: UInt64
    private var recentHashes: [TableHash] = []
    private var checkpoints: CheckpointSchedule
    /// The snapshot that is being made.
    var backup: TableBackup?
    var scrub: TableScrub
    /// What came while a write waits for room, in its order.
    var backlog: [TableWork] = []
    var isBlocked = false
    /// A snapshot is about to take this table's place.
    var isPaused = false
    private let gate: LogGate
    private var watch: FileWatch

    /// How many entries one transaction takes; more cost less each, and take longer to replay.
    static let entriesPerCommit = 4096
    /// Or so many bytes: they are kept until the commit.
    static let bytesPerCommit = 16 << 20
    static let recentHashesMax = 16

    /// Opens the table, made where there is none. Throws `foreign` where it is another replica's, and `damaged` where it is not
    /// what the ledger's own table has to be: then it can be made again.
    init(path: String, medium: StorageMedium, expected: TableState, hashEvery: UInt64) throws(StorageError) {
        let connection = try Database.open(path, .table, vfs: medium.vfs)
        let state = try Self.state(connection, path, expected)
        let machine = try Self.machine(connection, path)
        let rows = try stored(path) { () throws(SQLiteError) in try SQLiteRows(connection, state) }
        let sessions = try stored(path) { () throws(SQLiteError) in try SessionRows(connection) }
        let updateState = try stored(path) { () throws(SQLiteError) in try connection.prepare(TableState.update) }
        let scrub = try stored(path) { () throws(SQLiteError) in try TableScrub(connection) }
        self.path = path
        self.connection = connection
        checkpoints = CheckpointSchedule(every: medium.limits.tableCheckpointFrames)
        self.state = state
        committedUpTo = state.appliedUpTo
        self.machine = machine
        self.rows = rows
        self.sessions = sessions
        self.updateState = updateState
        self.scrub = scrub
        self.hashEvery = hashEvery
        gate = LogGate(framesMax: medium.limits.tableFramesMax)
        watch = FileWatch(path: path, medium.fileSystem)
    }

    private static func state(
        _ connection: borrowing Connection, _ path: String, _ expected: TableState
    ) throws(StorageError) -> TableState {
        if let found = try TableState.read(connection, path) {
            try found.owner.check(expected.owner, path: path)
            guard found.incarnation == expected.incarnation, found.generation == expected.generation else {
                throw StorageError(.damaged, "\(path) belongs to another life of this replica than its ledger: it was copied or renamed")
            }
            return found
        }
        try stored(path) { () throws(SQLiteError) in
            let used = "SELECT EXISTS (SELECT 1 FROM key_values) OR EXISTS (SELECT 1 FROM sessions)"
            guard try connection.integer(used) == 0 else { throw .damagedRow(id: 1, of: "state") }
            let transaction = try connection.begin()
            try expected.insert(connection)
            try transaction.commit()
        }
        return expected
    }

    private static func machine(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> StateMachine {
        let records = try SessionRows.read(connection, path)
        do throws(CodingError) {
            return StateMachine(sessions: try Sessions(records: records))
        } catch {
            throw StorageError(.damaged, "\(path): the sessions can't be read: \(error)")
        }
    }

    var appliedUpTo: Slot { state.appliedUpTo }

    /// A transaction is open: it should be committed before long.
    var isDirty: Bool { transaction != nil }

    /// It has become large enough to be committed at once.
    var isFull: Bool { uncommitted.count >= Self.entriesPerCommit || uncommittedBytes >= Self.bytesPerCommit }

    /// Nothing much is being applied at the moment.
    var isIdle: Bool { uncommitted.count < Self.entriesPerCommit / 4 }

    /// Nothing is applied or read at the moment: it waits in the backlog.
    var isWaiting: Bool { isBlocked || isPaused }

    mutating func takeBacklog() -> [TableWork] {
        defer { backlog = [] }
        return backlog
    }

    /// Before a transaction: whether the write-ahead log may grow.
    borrowing func isGateOpen() throws(StorageError) -> Bool {
        try stored(path) { () throws(SQLiteError) in try gate.isOpen(connection) }
    }

    /// Outside of any transaction: throws where somebody has deleted the file or its write-ahead log.
    mutating func checkNames() throws(StorageError) { try watch.check(connection) }

    mutating func scrubSomeRows() throws(StorageError) {
        do throws(SQLiteError) { try scrub.step() } catch { throw StorageError(error, path: path) }
    }

    /// Applies entries that follow on what is applied. When this throws `busy` or `full`, the table has to go back.
    mutating func apply(
        _ entries: ArraySlice<SlottedEntry>, to outcomes: inout [AppliedCommand], _ hashes: inout [TableHash]
    ) throws(StorageError) {
        if transaction == nil {
            let begun = try stored(path) { () throws(SQLiteError) in try connection.begin() }
            transaction = consume begun
            transactionNumber += 1
        }
        for slotted in entries {
            invariant(slotted.slot == state.appliedUpTo.next, "entries are applied in the order of their slots, without a gap")
            if case .command(let bytes) = slotted.entry.content {
                outcomes.append(try apply(bytes, at: slotted.slot, slotted.entry.stamp))
            }
            state.appliedUpTo = slotted.slot
            state.stamp = slotted.entry.stamp
            if slotted.slot.rawValue.isMultiple(of: hashEvery) { hashes.append(keepHash(at: slotted.slot)) }
            uncommittedBytes += slotted.entry.byteCount
        }
        uncommitted += entries
    }

    private mutating func keepHash(at slot: Slot) -> TableHash {
        // Of all rows, the sessions' too.
        let hash = TableHash(slot: slot, value: machine.sessions.records.reduce(rows.hash) { $0 &+ RowChecksum.of($1) })
        if recentHashes.count == Self.recentHashesMax { recentHashes.removeFirst() }
        recentHashes.append(hash)
        return hash
    }

    /// What has been applied so far, committed or not.
    borrowing func answer(_ query: Query) throws(StorageError) -> Outcome {
        do {
            return try machine.answer(query, from: rows)
        } catch {
            throw failure(error)
        }
    }

    /// Rows, sessions and the slot that they stand at, all or none.
    mutating func commit() throws(StorageError) {
        guard let open = transaction.take() else { return }
        state.keyCount = rows.count
        state.largestID = rows.largestID
        state.rowsHash = rows.hash
        do throws(SQLiteError) {
            try sessions.write(machine.takeSessionChanges())
            try state.update(with: updateState)
            try open.commit()
        } catch {
            throw StorageError(error, path: path)
        }
        committedUpTo = state.appliedUpTo
        uncommitted = []
        uncommittedBytes = 0
    }

    /// Goes back to the last commit, after a write that found no room; what had been applied since is to be applied again.
    mutating func rollBack() throws(StorageError) -> [SlottedEntry] {
        transaction = nil
        guard let state = try TableState.read(connection, path) else { throw StorageError(.damaged, "\(path) has lost its state row") }
        invariant(state.appliedUpTo == committedUpTo, "what is rolled back was never committed")
        self.state = state
        machine = try Self.machine(connection, path)
        rows.goBack(to: state)
        defer {
            uncommitted = []
            uncommittedBytes = 0
        }
        return uncommitted
    }

    /// What is new of it: the slot that a checkpoint has made durable, if one was due, or `isWanted`, and copied everything.
    mutating func checkpoint(isWanted: Bool = false) throws(StorageError) -> Slot? {
        let checkpoint: Checkpoint?
        do throws(SQLiteError) {
            checkpoint = try isWanted ? checkpoints.runNow(connection) : checkpoints.run(connection)
        } catch {
            // The log keeps what the file has no room for, and the next checkpoint finds it there.
            if error.kind == .full { return nil }
            throw StorageError(error, path: path)
        }
        guard let checkpoint, checkpoint.isComplete, checkpoint.frames >= 0, committedUpTo > durableUpTo else { return nil }
        durableUpTo = committedUpTo
        return durableUpTo
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
            var rows = rows
            let outcome = try machine.apply(command, slot: slot.rawValue, stamp: stamp.rawValue, to: &rows)
            return AppliedCommand(session: command.session, sequence: command.sequence, outcome: outcome)
        } catch {
            throw failure(error)
        }
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
}
