import Paxos
import SQLite

/// A replica's open ledger: the one connection that writes it.
struct LedgerFile: ~Copyable {
    let path: String
    let connection: Connection
    let identity: Party
    /// What the acceptor's row says, as of the last commit.
    private(set) var acceptor: Acceptor
    private let writeRow: Statement
    private let writeAcceptor: Statement
    private let readRows: Statement
    private var checkpoints: CheckpointSchedule

    /// Opens the ledger, made where there is none; counts the boot. What is fresh is for a ledger that is new.
    init(
        path: String, medium: StorageMedium, owner: ReplicaOwner, freshTable: UInt64, freshIncarnation: Incarnation
    ) throws(StorageError) {
        let connection = try Database.open(path, .ledger, vfs: medium.vfs)
        let found = try Identity.read(connection, path)
        try found?.owner.check(owner, path: path)
        let isUsed = try stored(path) { () throws(SQLiteError) in try connection.integer("SELECT count(*) FROM acceptor") != 0 }
        guard (found != nil) == isUsed else {
            throw StorageError(.damaged, "\(path) has lost its identity or its promise; this replica must not vote")
        }
        try Self.settle(connection, path)
        let identity = try stored(path) { () throws(SQLiteError) in
            let transaction = try connection.begin()
            let identity: Identity
            if let found {
                identity = try found.nextBoot(connection)
            } else {
                invariant(freshIncarnation != .unknown, "an incarnation is not 0")
                identity = Identity(owner: owner, party: Party(node: owner.node, incarnation: freshIncarnation, boot: Boot(rawValue: 1)))
                try identity.insert(connection)
                try Acceptor(tableGeneration: freshTable).write(with: try connection.prepare(Acceptor.write))
            }
            try transaction.commit()
            return identity
        }
        let acceptor = try stored(path) { () throws(SQLiteError) in
            let row = try connection.prepare(Acceptor.read)
            return try row.step() ? Acceptor(row) : nil
        }
        guard let acceptor else {
            throw StorageError(.damaged, "\(path): the acceptor row is not what this program writes; this replica must not vote")
        }
        let writeRow = try stored(path) { () throws(SQLiteError) in try connection.prepare(LogRow.write) }
        let writeAcceptor = try stored(path) { () throws(SQLiteError) in try connection.prepare(Acceptor.write) }
        let readRows = try stored(path) { () throws(SQLiteError) in
            try connection.prepare("SELECT \(LogRow.columns) FROM log WHERE slot BETWEEN ?1 AND ?2 ORDER BY slot")
        }
        self.writeRow = writeRow
        self.writeAcceptor = writeAcceptor
        self.readRows = readRows
        self.connection = connection
        checkpoints = CheckpointSchedule(every: medium.limits.ledgerCheckpointFrames)
        self.path = path
        self.identity = identity.party
        self.acceptor = acceptor
    }

    /// Copies what was recovered into the database file, and begins the write-ahead log anew: what a torn tail has left behind its end
    /// is gone, and never meets frames of this life.
    private static func settle(_ connection: borrowing Connection, _ path: String) throws(StorageError) {
        let checkpoint = try stored(path) { () throws(SQLiteError) in try connection.checkpoint(.truncate) }
        guard checkpoint.isComplete else {
            throw StorageError(.busy, "\(path) is locked by another program (is a sqlite3 shell in a transaction?)")
        }
    }

    /// Everything in the write, with one commit and so one sync. Throws leave the file as it was, and this value unusable.
    mutating func commit(_ write: LedgerWrite, in transaction: consuming Transaction) throws(SQLiteError) {
        for slotted in write.entries { try LogRow.write(slotted, with: writeRow) }
        if let membership = write.membership { try Members.write(genesis: membership.genesis, connection) }
        for configuration in write.configurations { try Members.write(configuration, connection) }
        let next = acceptor.taking(write)
        if next != acceptor { try next.write(with: writeAcceptor) }
        try transaction.commit()
        acceptor = next
    }

    /// Names the table that belongs to this ledger: durable before that table's file is made.
    mutating func setTable(generation: UInt64) throws(SQLiteError) {
        let transaction = try connection.begin()
        var next = acceptor
        next.tableGeneration = generation
        try next.write(with: writeAcceptor)
        try transaction.commit()
        acceptor = next
    }

    mutating func checkpointIfDue() throws(SQLiteError) {
        try checkpoints.run(connection)
    }

    /// The rows from `from` to at most `through`, ascending; stops before a row that would make it more than `byteLimit` bytes or
    /// `countLimit` rows (but gives one), and, if `stopsAtGap`, before a slot without a row.
    borrowing func entries(
        from: Slot, through: Slot, byteLimit: Int = .max, countLimit: Int = .max, stopsAtGap: Bool = true
    ) throws(StorageError) -> [SlottedEntry] {
        var found: [SlottedEntry] = []
        var byteCount = 0
        let damaged = try stored(path) { () throws(SQLiteError) -> Slot? in
            defer { readRows.reset() }
            try readRows.bind(from.rawValue, at: 1)
            try readRows.bind(through.rawValue, at: 2)
            var expected = from
            while found.count < countLimit, try readRows.step() {
                guard let slotted = LogRow.entry(readRows) else { return Slot(readRows.unsigned(0)) }
                byteCount += slotted.entry.byteCount
                if stopsAtGap, slotted.slot != expected { break }
                if byteCount > byteLimit, !found.isEmpty { break }
                found.append(slotted)
                expected = slotted.slot.next
            }
            return nil
        }
        if let damaged {
            throw StorageError(
                .damaged,
                "\(path): the log's row at slot \(damaged) does not match its checksum: this replica must not vote before it is repaired")
        }
        return found
    }

    /// The newest slot that has a row; 0 where none has.
    borrowing func lastSlot() throws(StorageError) -> Slot {
        let slot = try stored(path) { () throws(SQLiteError) in try connection.integer("SELECT max(slot) FROM log") ?? 0 }
        return Slot(UInt64(bitPattern: slot))
    }

    /// What the core starts from, once the table is applied up to `appliedUpTo`.
    borrowing func state(appliedUpTo: Slot) throws(StorageError) -> LedgerState {
        let genesis = try Members.genesis(connection, path)
        let configurations = try Members.configurations(connection, path)
        return LedgerState(
            identity: identity, promise: acceptor.promise,
            // The table may know more: what was applied is chosen, and the ledger does not sync for that alone.
            chosenUpTo: max(acceptor.chosenUpTo, appliedUpTo), membership: Membership(stage: acceptor.stage, genesis: genesis),
            configurations: configurations,
            entries: try entries(from: appliedUpTo.next, through: Slot(UInt64(Int64.max)), stopsAtGap: false),
            compactedUpTo: acceptor.compactedUpTo, stampAtChosen: try stamp(at: max(acceptor.chosenUpTo, appliedUpTo)))
    }

    private borrowing func stamp(at slot: Slot) throws(StorageError) -> Stamp {
        try entries(from: slot, through: slot).first?.entry.stamp ?? .zero
    }
}

extension Acceptor {
    fileprivate func taking(_ write: LedgerWrite) -> Acceptor {
        var next = self
        next.promise = write.promise ?? promise
        next.chosenUpTo = write.chosenUpTo ?? chosenUpTo
        next.stage = write.membership?.stage ?? stage
        invariant(next.promise >= promise, "a promise never moves back")
        invariant(next.chosenUpTo >= chosenUpTo, "what is chosen stays chosen")
        return next
    }
}
