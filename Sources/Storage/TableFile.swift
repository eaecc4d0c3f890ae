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
    private var rows: SQLiteRows
    private let sessions: SessionRows
    private let updateState: Statement
    /// Open from the first entry that is applied to the commit in which it ends.
    private var transaction: Transaction?
    /// Counts the transactions, so that a late wish to commit one does not end the next.
    private(set) var transactionNumber: UInt64 = 0
    private var uncommitted = 0
    /// A hash of the whole table is due at each slot that this divides.
    private let hashEvery: UInt64
    private var checkpoints: CheckpointSchedule

    /// How many entries one transaction takes; more cost less each, and take longer to replay.
    static let entriesPerCommit = 4096

    /// Opens the table, made where there is none; throws unless it is the ledger's own.
    init(path: String, medium: StorageMedium, expected: TableState, hashEvery: UInt64) throws(StorageError) {
        let connection = try Database.open(path, .table, vfs: medium.vfs)
        let found = try TableState.read(connection, path)
        if let found {
            try found.owner.check(expected.owner, path: path)
            guard found.incarnation == expected.incarnation, found.generation == expected.generation else {
                throw StorageError(.foreign, "\(path) belongs to another life of this replica than its ledger: it was copied or renamed")
            }
        }
        let state = found ?? expected
        if found == nil {
            try stored(path) { () throws(SQLiteError) in
                let transaction = try connection.begin()
                try expected.insert(connection)
                try transaction.commit()
            }
        }
        let records = try SessionRows.read(connection, path)
        let machine: StateMachine
        do throws(CodingError) {
            machine = StateMachine(sessions: try Sessions(records: records))
        } catch {
            throw StorageError(.damaged, "\(path): the sessions can't be read: \(error)")
        }
        let rows = try stored(path) { () throws(SQLiteError) in try SQLiteRows(connection, state) }
        let sessions = try stored(path) { () throws(SQLiteError) in try SessionRows(connection) }
        let updateState = try stored(path) { () throws(SQLiteError) in try connection.prepare(TableState.update) }
        self.path = path
        self.connection = connection
        checkpoints = CheckpointSchedule(every: medium.limits.tableCheckpointFrames)
        self.state = state
        self.machine = machine
        self.rows = rows
        self.sessions = sessions
        self.updateState = updateState
        self.hashEvery = hashEvery
    }

    var appliedUpTo: Slot { state.appliedUpTo }

    /// A transaction is open: it should be committed before long.
    var isDirty: Bool { transaction != nil }

    /// It has become large enough to be committed at once.
    var isFull: Bool { uncommitted >= Self.entriesPerCommit }

    /// Applies entries that follow on what is applied. False when the wait for another program's lock was given up.
    mutating func apply(
        _ entries: ArraySlice<SlottedEntry>, to outcomes: inout [AppliedCommand], _ hashes: inout [TableHash], _ patience: Patience
    ) throws(StorageError) -> Bool {
        if transaction == nil {
            let begun = try stored(path) { () throws(SQLiteError) in try patience.begin(connection) }
            guard let begun else { return false }
            transaction = consume begun
            transactionNumber += 1
        }
        for slotted in entries {
            invariant(slotted.slot == state.appliedUpTo.next, "entries are applied in the order of their slots, without a gap")
            if case .command(let bytes) = slotted.entry.content {
                outcomes.append(try apply(bytes, at: slotted.slot, slotted.entry.stamp))
            }
            state.appliedUpTo = slotted.slot
            if slotted.slot.rawValue.isMultiple(of: hashEvery) { hashes.append(TableHash(slot: slotted.slot, value: hash)) }
        }
        uncommitted += entries.count
        return true
    }

    /// Of all rows, the sessions' too, as of `appliedUpTo`.
    private var hash: UInt64 { machine.sessions.records.reduce(rows.hash) { $0 &+ RowChecksum.of($1) } }

    /// What has been applied so far, committed or not.
    borrowing func answer(_ query: Query) throws(StorageError) -> Outcome {
        do {
            return try machine.answer(query, from: rows)
        } catch {
            throw failure(error)
        }
    }

    /// Rows, sessions and the slot that they stand at, all or none; then a checkpoint, if one is due.
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
        uncommitted = 0
    }

    mutating func checkpointIfDue() throws(StorageError) {
        try stored(path) { () throws(SQLiteError) in try checkpoints.run(connection) }
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
        do {
            let outcome = try machine.apply(command, slot: slot.rawValue, stamp: stamp.rawValue, to: &rows)
            return AppliedCommand(session: command.session, sequence: command.sequence, outcome: outcome)
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> StorageError {
        if let error = error as? SQLiteError { return StorageError(error, path: path) }
        return StorageError(.other, "\(path): \(error)")
    }
}
