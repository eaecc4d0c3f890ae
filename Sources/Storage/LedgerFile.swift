import Paxos
import SQLite

/// A replica's open ledger: the one connection that writes it.
struct LedgerFile: ~Copyable {
    let path: String
    let connection: Connection
    let identity: Party
    let origin: Origin
    /// What the acceptor's row says, as of the last commit.
    private(set) var acceptor: Acceptor
    /// Likewise: where the log's rows lie.
    private(set) var places: LogPlaces
    var compaction: LogCompaction
    let readRows: Statement
    private let writeRow: Statement
    private let writeAcceptor: Statement
    private var checkpoints: CheckpointSchedule
    private var gate: LogGate

    /// Opens the ledger, made where there is none; counts the boot. What is fresh is for a ledger that is new: one with an origin has
    /// a log that begins behind it, and `stamp` is the stamp of what was applied last there.
    init(
        path: String, medium: StorageMedium, owner: ReplicaOwner, freshTable: UInt64, freshIncarnation: Incarnation,
        hasTornTail: Bool = false, origin: Origin = .empty, stamp: Stamp = .zero
    ) throws(StorageError) {
        let connection = try Database.open(path, .ledger, vfs: medium.vfs)
        let found = try Self.checkedIdentity(connection, path, owner)
        if hasTornTail { try Self.settle(connection, path) }
        let fresh = Identity(
            owner: owner, party: Party(node: owner.node, incarnation: freshIncarnation, boot: Boot(rawValue: 1)), origin: origin)
        let identity = try stored(path) { () throws(SQLiteError) in
            let transaction = try connection.begin()
            if found == nil {
                invariant(freshIncarnation != .unknown, "an incarnation is not 0")
                try fresh.insert(connection)
                try Acceptor(tableGeneration: freshTable, beginsBehind: origin.slot, stamp: stamp)
                    .write(with: try connection.prepare(Acceptor.write))
                let places = LogPlaces(slots: medium.limits.logSegmentSlots)
                try places.write(over: places, connection)
            }
            let identity = try found?.nextBoot(connection) ?? fresh
            try transaction.commit()
            return identity
        }
        let acceptor = try Self.acceptor(connection, path)
        var places = try LogPlaces.read(connection, path)
        try stored(path) { () throws(SQLiteError) in try places.findLying(connection) }
        let writeRow = try stored(path) { () throws(SQLiteError) in try connection.prepare(LogRow.write) }
        let writeAcceptor = try stored(path) { () throws(SQLiteError) in try connection.prepare(Acceptor.write) }
        let readRows = try stored(path) { () throws(SQLiteError) in try connection.prepare(LogRow.read) }
        let compaction = try stored(path) { () throws(SQLiteError) in try LogCompaction(connection, medium.limits) }
        self.acceptor = acceptor
        self.places = places
        self.writeRow = writeRow
        self.writeAcceptor = writeAcceptor
        self.readRows = readRows
        self.compaction = compaction
        self.connection = connection
        checkpoints = CheckpointSchedule(every: medium.limits.ledgerCheckpointFrames)
        gate = LogGate(framesMax: medium.limits.ledgerFramesMax)
        self.path = path
        self.identity = identity.party
        self.origin = identity.origin
    }

    /// Nil where the ledger is new. Throws before anything is written: a ledger that is refused stays as it was found.
    private static func checkedIdentity(
        _ connection: borrowing Connection, _ path: String, _ owner: ReplicaOwner
    ) throws(StorageError) -> Identity? {
        let found = try Identity.read(connection, path)
        try found?.owner.check(owner, path: path)
        let isUsed = try stored(path) { () throws(SQLiteError) in try connection.integer("SELECT count(*) FROM acceptor") != 0 }
        guard (found != nil) == isUsed else { throw lost(path) }
        if isUsed {
            _ = try acceptor(connection, path)
            _ = try LogPlaces.read(connection, path)
        }
        return found
    }

    private static func lost(_ path: String) -> StorageError {
        StorageError(.damaged, "\(path) has lost its identity or its promise; \(StorageError.mustNotVote(path))")
    }

    /// The row, and the members that it vouches for, or an error.
    private static func acceptor(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> Acceptor {
        guard let acceptor = try Acceptor.read(connection, path) else { throw lost(path) }
        let members = try stored(path) { () throws(SQLiteError) in try Members.checksum(connection) }
        guard acceptor.membersChecksum == members else { throw Members.damage(path) }
        return acceptor
    }

    /// Copies what was recovered into the database file, and begins the write-ahead log anew: what a torn tail has left behind its end
    /// is gone, and never meets frames of this life.
    private static func settle(_ connection: borrowing Connection, _ path: String) throws(StorageError) {
        let checkpoint = try stored(path) { () throws(SQLiteError) in try connection.checkpoint(.truncate) }
        guard checkpoint.isComplete else { throw .locked(path) }
    }

    /// Everything in the write, with one commit and so one sync; rows that nobody needs any more are given up in the same one.
    /// What stands in the way is the answer: then nothing was written.
    mutating func commit(_ write: LedgerWrite) throws(StorageError) -> StorageObstacle? {
        try attempt { (file) throws(SQLiteError) in
            let step = try file.compactionStep(atLeast: file.compaction.stepSlots.lowerBound, alongside: write.entries)
            let transaction = try file.connection.begin()
            var next = file.acceptor.taking(write)
            if let step { next.giveUp(step) }
            var places = file.places
            places.giveUp(through: next.compactedUpTo)
            for slotted in write.entries where slotted.slot > next.compactedUpTo {
                try LogRow.write(slotted, at: places.take(slotted.slot), with: file.writeRow)
            }
            if let membership = write.membership { try Members.write(genesis: membership.genesis, file.connection) }
            for configuration in write.configurations { try Members.write(configuration, file.connection) }
            if write.membership != nil || !write.configurations.isEmpty {
                next.membersChecksum = try Members.checksum(file.connection) ?? next.membersChecksum
            }
            let deletes = file.compaction.isPressed
            if deletes { try file.deleteDead(&places, next, alongside: write.entries) }
            try file.finish(transaction, next, places)
            if deletes { try file.compaction.measure(file.connection) }
        }
    }

    /// Does it once the write-ahead log may grow; nil where it is done, else what stands in the way.
    mutating func attempt(_ body: (inout LedgerFile) throws(SQLiteError) -> Void) throws(StorageError) -> StorageObstacle? {
        do throws(SQLiteError) {
            guard try gate.isOpen(connection) else { return .reader([]) }
            try body(&self)
            return nil
        } catch {
            guard let obstacle = StorageObstacle(error) else { throw StorageError(error, path: path) }
            return obstacle
        }
    }

    /// Changes the acceptor's row in a synced transaction; `alongside` writes into the same one.
    mutating func change(
        alongside: (borrowing Connection) throws(SQLiteError) -> Void = { _ in }, _ change: (inout Acceptor) -> Void
    ) throws(SQLiteError) {
        let transaction = try connection.begin()
        var next = acceptor
        change(&next)
        try alongside(connection)
        try finish(transaction, next)
    }

    /// Names the table that belongs to this ledger: durable before that table's file is made.
    mutating func setTable(generation: UInt64) throws(SQLiteError) {
        try change { $0.tableGeneration = generation }
    }

    /// Throws leave the file as it was. `places`, where they have changed.
    mutating func finish(
        _ transaction: consuming Transaction, _ next: Acceptor, _ places: LogPlaces? = nil
    ) throws(SQLiteError) {
        invariant(next.promise >= acceptor.promise, "a promise never moves back")
        invariant(next.chosenUpTo >= acceptor.chosenUpTo, "what is chosen stays chosen")
        invariant(next.compactedUpTo >= acceptor.compactedUpTo, "what was given up does not come back")
        if next != acceptor { try next.write(with: writeAcceptor) }
        var nextPlaces = places ?? self.places
        nextPlaces.giveUp(through: next.compactedUpTo)
        if nextPlaces.segments != self.places.segments { try nextPlaces.write(over: self.places, connection) }
        try transaction.commit()
        acceptor = next
        self.places = nextPlaces
    }

    /// Without room nothing is lost by doing it later.
    mutating func checkpointIfDue(isWanted: Bool = false) throws(StorageError) {
        do throws(SQLiteError) {
            let done = try isWanted ? checkpoints.runNow(connection) : checkpoints.run(connection)
            if done != nil { try compaction.measure(connection) }
        } catch {
            if error.kind != .full { throw StorageError(error, path: path) }
        }
    }
}

extension Acceptor {
    fileprivate func taking(_ write: LedgerWrite) -> Acceptor {
        var next = self
        next.promise = write.promise ?? promise
        // An installed snapshot may have moved it before the core has heard of that.
        next.chosenUpTo = max(write.chosenUpTo ?? .none, chosenUpTo)
        next.stage = write.membership?.stage ?? stage
        return next
    }
}
