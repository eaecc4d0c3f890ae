import Paxos
import Replica
import SQLite

extension ReplicaDirectory {
    /// How often, in slots, a replica says the hash of its table: it reads every session.
    package static let hashEvery: UInt64 = 1024

    /// At most so many bytes of the log are in memory at a time while it is replayed.
    private static let replayBytesMax = 8 << 20

    /// Opens the replica, made where there is none, and counts the boot; the calling thread does the work.
    ///
    /// - A directory without a ledger makes a replica with a fresh incarnation, which votes for nothing before its group says so,
    ///   and a new table, even where an old one stands: what the lost ledger had promised is not known any more.
    /// - A ledger without its table makes the table again from the log, if the log is still whole.
    package func open(
        ledgerExecutor: any StorageExecutor, tableExecutor: any StorageExecutor, snapshotExecutor: any StorageExecutor,
        handlers: StorageHandlers,
        medium: StorageMedium = .operatingSystem, hashEvery: UInt64 = Self.hashEvery, random: () -> UInt64
    ) throws(StorageError) -> OpenReplica {
        DiskRoom(directory: nodeDirectory, medium).makeRoomToOpen()
        try medium.fileSystem.makeDirectory(path)
        let generations = try Self.tableGenerations(path, medium.fileSystem)
        let newest = generations.max() ?? 0
        try Self.renewLog(of: Self.ledgerPath(path), medium.fileSystem)
        let incarnation = Incarnation(rawValue: max(random(), 1))
        var ledger = try LedgerFile(
            path: Self.ledgerPath(path), medium: medium, owner: owner, freshTable: newest + 1, freshIncarnation: incarnation)
        let current = Self.tablePath(path, generation: ledger.acceptor.tableGeneration)
        let hasTable = generations.contains(ledger.acceptor.tableGeneration)
        if try hasTable ? Self.losesCommits(tableAt: current, medium.fileSystem) : ledger.identity.boot > Boot(rawValue: 1) {
            // Under a new name: a write-ahead log of the old one, or a shell that has it open, must not meet the new file.
            let generation = max(newest, ledger.acceptor.tableGeneration) + 1
            try stored(ledger.path) { () throws(SQLiteError) in try ledger.setTable(generation: generation) }
        }
        let generation = ledger.acceptor.tableGeneration
        var table = try TableFile(
            path: Self.tablePath(path, generation: generation), medium: medium,
            expected: TableState(owner: owner, incarnation: ledger.identity.incarnation, generation: generation),
            hashEvery: hashEvery)
        try check(
            appliedUpTo: table.appliedUpTo, lastSlot: try ledger.lastSlot(), compactedUpTo: ledger.acceptor.compactedUpTo,
            tablePath: table.path)
        while table.appliedUpTo < ledger.acceptor.chosenUpTo {
            let entries = try ledger.entries(
                from: table.appliedUpTo.next, through: ledger.acceptor.chosenUpTo, byteLimit: Self.replayBytesMax,
                countLimit: TableFile.entriesPerCommit)
            guard !entries.isEmpty else { throw missingRow(table.appliedUpTo.next) }
            try table.replay(entries)
        }
        let state = try ledger.state(appliedUpTo: table.appliedUpTo)
        let appliedUpTo = table.appliedUpTo
        ledger.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
        table.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
        return OpenReplica(
            state: state, appliedUpTo: appliedUpTo, ledger: LedgerStore(
                ledger, nodeDirectory: nodeDirectory, medium: medium, executor: ledgerExecutor, handlers: handlers),
            table: TableStore(table, executor: tableExecutor, handlers: handlers), snapshots: SnapshotStore())
    }

    /// A table is rolled forward from the log, so the log must begin where the table ends, or before; and what was applied was
    /// synced in the log before, so a log that ends earlier has lost something, perhaps a promise with it.
    private func check(appliedUpTo: Slot, lastSlot: Slot, compactedUpTo: Slot, tablePath: String) throws(StorageError) {
        let ledgerPath = Self.ledgerPath(path)
        guard appliedUpTo >= compactedUpTo else {
            throw StorageError(
                .damaged,
                "\(tablePath) is missing or too old: it stands at slot \(appliedUpTo), and \(ledgerPath) has given up its log up to slot "
                    + "\(compactedUpTo); restore the table, or move this directory away and replace the replica")
        }
        guard appliedUpTo <= max(lastSlot, compactedUpTo) else {
            throw StorageError(
                .damaged,
                "\(ledgerPath) has lost what it had synced: its log ends at slot \(lastSlot), its table stands at slot \(appliedUpTo); "
                    + "this replica must not vote: move its directory away and replace the replica")
        }
    }

    private func missingRow(_ slot: Slot) -> StorageError {
        StorageError(
            .damaged,
            "\(Self.ledgerPath(path)) knows slot \(slot) to be chosen, but has no row for it: this replica must not vote before it is "
                + "repaired from a peer")
    }
}

extension TableFile {
    /// A part of the log, in a transaction of its own; what the commands came to was answered in an earlier life, or never will be.
    fileprivate mutating func replay(_ entries: [SlottedEntry]) throws(StorageError) {
        var outcomes: [AppliedCommand] = []
        var hashes: [TableHash] = []
        let patience = Patience(path: path, isStopping: { false }, stalled: { _ in }, triesMax: 1)
        guard try apply(entries[...], to: &outcomes, &hashes, patience) else {
            throw StorageError(.busy, "\(path) is locked by another program (is a sqlite3 shell in a transaction?)")
        }
        try commit()
        try checkpointIfDue()
    }
}
