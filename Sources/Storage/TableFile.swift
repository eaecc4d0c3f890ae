import KeyValue
import Paxos
import SQLite

/// A table's file, open: the one connection that writes it and makes its checkpoints.
struct TableFile: ~Copyable {
    let path: String
    let connection: Connection
    /// As of the last commit.
    private(set) var state: TableState
    private let rows: RowWriter
    private let sessions: SessionRows
    private let updateState: Statement
    /// A checkpoint has made the file durable up to here.
    private(set) var durableUpTo = Slot.none
    /// The last checkpoint could not copy all: the disk is full.
    private(set) var lacksRoom = false
    private var checkpoints: CheckpointSchedule
    /// A log of fewer is not worth emptying.
    private let framesKept: Int
    /// The snapshot that is being made.
    var backup: TableBackup?
    var scrub: TableScrub
    /// Not written yet, in their order: something stands in the way of the first.
    var waiting: [TableBatch] = []
    private let gate: LogGate
    private var watch: FileWatch

    /// Opens the table, made where there is none. Throws `foreign` where it is another replica's, and `damaged` where it is not
    /// what the ledger's own table has to be: then it can be made again.
    init(path: String, medium: StorageMedium, expected: TableState) throws(StorageError) {
        let connection = try Database.open(path, .table, vfs: medium.pacedVFS)
        let state = try Self.state(connection, path, expected)
        let rows = try stored(path) { () throws(SQLiteError) in try RowWriter(connection) }
        let sessions = try stored(path) { () throws(SQLiteError) in try SessionRows(connection) }
        let updateState = try stored(path) { () throws(SQLiteError) in try connection.prepare(TableState.update) }
        let scrub = try stored(path) { () throws(SQLiteError) in try TableScrub(connection) }
        self.path = path
        self.connection = connection
        self.state = state
        self.rows = rows
        self.sessions = sessions
        self.updateState = updateState
        self.scrub = scrub
        checkpoints = CheckpointSchedule(every: medium.limits.tableCheckpointFrames)
        framesKept = medium.limits.tableCheckpointFrames
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
            guard try connection.integer(used) == 0 else { throw .missingRow(id: 1, of: "state") }
            let transaction = try connection.begin()
            try expected.insert(connection)
            try transaction.commit()
        }
        return expected
    }

    var committedUpTo: Slot { state.appliedUpTo }

    /// Outside of any transaction: throws where somebody has deleted the file or its write-ahead log.
    mutating func checkNames() throws(StorageError) { try watch.check(connection) }

    mutating func scrubSomeRows() throws(StorageError) {
        do throws(SQLiteError) { try scrub.step() } catch { throw StorageError(error, path: path) }
    }

    /// The whole batch in one transaction. What stands in the way is the answer: then nothing was written.
    mutating func write(_ batch: TableBatch) throws(StorageError) -> StorageObstacle? {
        invariant(batch.state.generation == state.generation, "a batch is written into the table that it was applied to")
        invariant(batch.state.appliedUpTo > committedUpTo, "batches are written in their order, each once")
        do throws(SQLiteError) {
            guard try gate.isOpen(connection) else { return .reader([]) }
            let transaction = try connection.begin()
            try rows.write(batch.rows)
            try sessions.write(batch.sessions)
            try batch.state.update(with: updateState)
            try transaction.commit()
            state = batch.state
            return nil
        } catch {
            guard let obstacle = StorageObstacle(error) else { throw StorageError(error, path: path) }
            return obstacle
        }
    }

    /// What is new of it: the slot that a checkpoint has made durable, if one was due, or `isWanted`, and copied everything.
    mutating func checkpoint(isWanted: Bool = false) throws(StorageError) -> Slot? {
        let checkpoint: Checkpoint?
        lacksRoom = false
        do throws(SQLiteError) {
            checkpoint = try isWanted ? checkpoints.runNow(connection) : checkpoints.run(connection)
        } catch {
            // The log keeps what the file has no room for, and the next checkpoint finds it there.
            lacksRoom = error.kind == .full
            if lacksRoom { return nil }
            throw StorageError(error, path: path)
        }
        guard let checkpoint, checkpoint.isComplete else { return nil }
        // Whoever opens the file next reads all that the log has. Where a reader stays, it is emptied another time.
        if checkpoint.frames >= framesKept {
            do throws(SQLiteError) {
                _ = try connection.checkpoint(.truncate)
            } catch {
                if error.kind != .full { throw StorageError(error, path: path) }
            }
        }
        guard committedUpTo > durableUpTo else { return nil }
        durableUpTo = committedUpTo
        return durableUpTo
    }
}
