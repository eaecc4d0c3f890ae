import KeyValue
import Paxos
import Replica
import SQLite

/// How a replica comes to its table at a start. Reads the end of the log and what SQLite reads to open a file: never all rows.
struct TableRecovery: Sendable {
    let directory: String
    let owner: ReplicaOwner
    let medium: StorageMedium
    let hashEvery: UInt64
    var folder: SnapshotFolder
    let writerExecutor: any StorageExecutor
    let handlers: StorageHandlers

    private var files: TableFiles { TableFiles(directory, medium.fileSystem) }

    struct Recovered: ~Copyable {
        /// The table's file.
        let file: TableFile
        /// What was applied over it.
        let memory: AppliedTable.Memory
        /// The last ones, not applied yet: each is a look-up in a file that is in no cache, and meanwhile the group can elect.
        let rest: [SlottedEntry]
        /// Where the log could not roll the table forward: a snapshot at this slot or above has to take the table's place.
        let leastSlot: Slot?
    }

    /// The table that the ledger names, rolled forward: the log's rows up to what is known to be chosen are applied, but for the last ones.
    mutating func recover(_ ledger: inout LedgerFile) throws(StorageError) -> sending Recovered {
        var table = try table(&ledger)
        var leastSlot: Slot?
        var isMadeAgain = false
        var rest: [SlottedEntry] = []
        let (chosenUpTo, limits) = (ledger.acceptor.chosenUpTo, medium.limits)
        while table.applied.appliedUpTo < chosenUpTo {
            let applied = table.applied.appliedUpTo
            let early = applied.distance(to: chosenUpTo) - limits.replayEntriesMax
            let entries = try ledger.piece(
                from: applied.next, through: early > 0 ? applied.advanced(by: early) : chosenUpTo, byteLimit: limits.replayBytesMax,
                countLimit: limits.replayEntriesMax
            ).entries
            guard let last = entries.last else {
                leastSlot = try slotOfNeededSnapshot(ledger, above: applied)
                break
            }
            if last.slot == chosenUpTo {
                rest = entries
                break
            }
            do throws(StorageError) {
                try table.replay(entries)
            } catch {
                guard error.kind == .damaged, !isMadeAgain else { throw error }
                isMadeAgain = true
                table = try another(&ledger, instead: error.description)
            }
        }
        return Recovered(file: table.file, memory: table.applied.memory, rest: rest, leastSlot: leastSlot)
    }

    /// Where the row above `slot` is missing or damaged: a snapshot has to stand here or above, to take the place of what could not be
    /// applied.
    private func slotOfNeededSnapshot(_ ledger: borrowing LedgerFile, above slot: Slot) throws(StorageError) -> Slot {
        let damage = try ledger.newestChosenDamage(above: slot)
        let least = max(damage ?? .none, ledger.acceptor.compactedUpTo)
        handlers.noticed("\(ledger.path) has no sound row at slot \(slot.next): a peer's snapshot, at slot \(least) or above, is needed")
        return least
    }

    /// The ledger's own table, or, where it can't be used, one that takes its place: of an own snapshot, or empty.
    private mutating func table(_ ledger: inout LedgerFile) throws(StorageError) -> sending OpenTable {
        let generation = ledger.acceptor.tableGeneration
        let path = ReplicaDirectory.tablePath(directory, generation: generation)
        let exists = try files.generations().contains(generation)
        // New, or not further than that: an earlier start may have ended before it had made the file.
        if !exists, ledger.acceptor.chosenUpTo == .none, try files.nextGeneration(above: 0) <= generation {
            return try open(expected(generation, ledger))
        }
        guard exists else { return try another(&ledger, instead: "\(path) is missing") }
        let log = try ReplicaDirectory.renewedLog(
            ofTable: path, medium.fileSystem, executor: writerExecutor, failed: handlers.failed)
        var table: OpenTable
        do throws(StorageError) {
            table = try open(expected(generation, ledger))
        } catch {
            guard error.kind == .damaged else { throw error }
            return try another(&ledger, instead: error.description)
        }
        try refuseOlderLedger(ledger, appliedUpTo: table.applied.appliedUpTo, of: path)
        if let problem = try mixture(in: table.file, isCut: log.losesCommits) { return try another(&ledger, instead: problem) }
        if table.applied.appliedUpTo < ledger.acceptor.compactedUpTo {
            let place = "it stands at slot \(table.applied.appliedUpTo), and the log begins behind slot \(ledger.acceptor.compactedUpTo)"
            return try another(&ledger, instead: "\(path) is too old: \(place)")
        }
        // Begins it anew: the frames of this life must not be taken for damage because of what stands behind them.
        if log.hasTornTail { _ = try table.file.checkpoint(isWanted: true) }
        return table
    }

    /// A loss of power takes what it likes of a write-ahead log since its last sync, and SQLite then cuts the log at the first frame that
    /// is gone: what is left is an older state, whole, since nothing unsynced was copied into the file. Damage to what was synced looks the
    /// same, but may leave pages of two states. The reason not to use the table; nil where it is of one state.
    private func mixture(in table: borrowing TableFile, isCut: Bool) throws(StorageError) -> String? {
        if let copied = try copiedUpTo(table.path), copied > table.committedUpTo {
            return "\(table.path)-wal is damaged: it stands at slot \(table.committedUpTo), and the file beneath it at slot \(copied)"
        }
        guard isCut, let problem = try problem(in: table) else { return nil }
        return "\(table.path)-wal is damaged, and SQLite has dropped commits: \(problem)"
    }

    /// The first, be it that the check itself can't read the file any further: then the next start would end there, too.
    private func problem(in table: borrowing TableFile) throws(StorageError) -> String? {
        do throws(StorageError) {
            return try TableCheck.problems(of: table.connection, table.path).first
        } catch {
            guard error.kind == .damaged else { throw error }
            return error.description
        }
    }

    /// Where the table stands without its write-ahead log; nil where that can't be read, as before the first checkpoint.
    private func copiedUpTo(_ path: String) throws(StorageError) -> Slot? {
        do throws(SQLiteError) {
            let connection = try Connection(path: path, access: .immutable, busyTimeout: 0, vfs: medium.vfs)
            return try connection.integer("SELECT applied_up_to FROM state").map { Slot(UInt64(bitPattern: $0)) }
        } catch {
            guard error.kind == .inputOutput else { return nil }
            throw StorageError(error, path: path)
        }
    }

    private func open(_ expected: TableState) throws(StorageError) -> sending OpenTable {
        try OpenTable(
            path: ReplicaDirectory.tablePath(directory, generation: expected.generation), medium: medium, expected: expected,
            hashEvery: hashEvery)
    }

    private func expected(_ generation: UInt64, _ ledger: borrowing LedgerFile) -> TableState {
        TableState(owner: owner, incarnation: ledger.identity.incarnation, generation: generation)
    }

    /// Under a new name: a write-ahead log of the old one, or a shell that has it open, must not meet the new file.
    private mutating func another(_ ledger: inout LedgerFile, instead reason: String) throws(StorageError) -> sending OpenTable {
        if let slot = try adoptOwnSnapshot(&ledger) {
            handlers.noticed("\(reason); it is made again from this replica's own snapshot at slot \(slot)")
            return try open(expected(ledger.acceptor.tableGeneration, ledger))
        }
        let generation = try files.nextGeneration(above: ledger.acceptor.tableGeneration)
        try stored(ledger.path) { () throws(SQLiteError) in try ledger.setTable(generation: generation) }
        let isWhole = ledger.acceptor.compactedUpTo == .none
        handlers.noticed("\(reason); it is made again, \(isWhole ? "from the log" : "from a peer's snapshot")")
        return try open(expected(generation, ledger))
    }

    /// The newest that the log follows on.
    private mutating func adoptOwnSnapshot(_ ledger: inout LedgerFile) throws(StorageError) -> Slot? {
        let least = max(ledger.acceptor.compactedUpTo, Slot(1))
        while let offer = folder.newest(atLeast: least) {
            try refuseOlderLedger(ledger, appliedUpTo: offer.slot, of: folder.filePath(offer.slot))
            guard try folder.isSound(offer), let contents = try copy(offer) else {
                try folder.delete(offer.slot)
                continue
            }
            let state = try files.adopt(folder.adoptingPath, as: expected(ledger.acceptor.tableGeneration, ledger), medium)
            let adoption = Adoption(
                slot: offer.slot, stamp: contents.state.stamp, configurations: contents.configurations, generation: state.generation)
            try stored(ledger.path) { () throws(SQLiteError) in try ledger.adopt(adoption) }
            return offer.slot
        }
        return nil
    }

    /// Nil where it is not what this replica can use.
    private func copy(_ offer: SnapshotOffer) throws(StorageError) -> SnapshotContents? {
        try folder.clearAdopting()
        guard try medium.fileSystem.copy(folder.filePath(offer.slot), to: folder.adoptingPath) else { return nil }
        do throws(StorageError) {
            let contents = try SnapshotContents(path: folder.adoptingPath, vfs: medium.vfs)
            let found = contents.state.owner
            return found.cluster == owner.cluster && found.shard == owner.shard && contents.state.appliedUpTo == offer.slot ? contents : nil
        } catch {
            guard error.kind == .damaged || error.kind == .foreign else { throw error }
            return nil
        }
    }

    /// What was applied was synced in the log before, so a log that ends earlier has lost something, perhaps a promise with it.
    private func refuseOlderLedger(_ ledger: borrowing LedgerFile, appliedUpTo: Slot, of path: String) throws(StorageError) {
        let lastSlot = max(try ledger.lastSlot(), ledger.acceptor.compactedUpTo)
        guard appliedUpTo > lastSlot else { return }
        throw StorageError(
            .damaged,
            "\(ledger.path) has lost what it had synced: its log ends at slot \(lastSlot), and \(path) stands at slot \(appliedUpTo); "
                + StorageError.mustNotVote(ledger.path))
    }
}
