import Paxos
import Replica
import SQLite

extension ReplicaDirectory {
    /// How often, in slots, a replica says the hash of its table: it reads every session.
    package static let hashEvery: UInt64 = 1024

    /// Opens the replica, made where there is none, and counts the boot; the calling thread does the work.
    ///
    /// - A directory without a ledger makes a replica with a fresh incarnation, which votes for nothing before its group says so,
    ///   and a new table, even where an old one stands: what the lost ledger had promised is not known any more.
    /// - A ledger without a table that fits it makes the table again: of an own snapshot, of the log, or else, later, of a peer's snapshot.
    package func open(
        ledgerExecutor: any StorageExecutor, tableExecutor: any StorageExecutor, writerExecutor: any StorageExecutor,
        snapshotExecutor: any StorageExecutor, handlers: StorageHandlers,
        medium: StorageMedium = .operatingSystem(), hashEvery: UInt64 = Self.hashEvery, random: () -> UInt64
    ) throws(StorageError) -> OpenReplica {
        DiskRoom(directory: nodeDirectory, medium).makeRoomToOpen()
        try medium.fileSystem.makeDirectory(path)
        let files = TableFiles(path, medium.fileSystem)
        let hasTornTail = try Self.renewLog(of: Self.ledgerPath(path), medium.fileSystem)
        let incarnation = Incarnation(rawValue: max(random(), 1))
        var ledger = try LedgerFile(
            path: Self.ledgerPath(path), medium: medium, owner: owner, freshTable: try files.nextGeneration(above: 0),
            freshIncarnation: incarnation, hasTornTail: hasTornTail)
        if ledger.identity.boot == Boot(rawValue: 1), ledger.acceptor.tableGeneration > 1 {
            handlers.noticed(
                "\(ledger.path) was not there, beside an older table: what it had promised is forgotten, and this is another replica, "
                    + "which has no vote; if its group goes on without it, `decree replace` gives it its place")
        }
        let folder = try SnapshotFolder(path: Self.snapshotsPath(path), medium.fileSystem)
        let receiver = try SnapshotReceiver(folder: folder.path, medium.fileSystem)
        var recovery = TableRecovery(
            directory: path, owner: owner, medium: medium, hashEvery: hashEvery, folder: folder, writerExecutor: writerExecutor,
            handlers: handlers)
        let recovered = try recovery.recover(&ledger)
        // A replica without a place may be all that is left of a group: whoever looks for what was lost finds the old tables.
        if ledger.acceptor.stage == .born { try files.deleteOthers(than: ledger.acceptor.tableGeneration) }
        let memory = recovered.memory
        let rest = recovered.rest
        let applied = try AppliedTable(path: recovered.file.path, memory, rest: rest, medium: medium, hashEvery: hashEvery)
        let appliedUpTo = rest.last?.slot ?? memory.appliedUpTo
        let state = try startState(ledger, memory, appliedUpTo: appliedUpTo, leastSlot: recovered.leastSlot)
        let file = recovered.file
        let tableState = file.state
        ledger.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
        file.connection.setBusyTimeout(milliseconds: Int32(Database.busySliceMilliseconds))
        let ledgerStore = LedgerStore(
            ledger, nodeDirectory: nodeDirectory, medium: medium, executor: ledgerExecutor, handlers: handlers)
        let tableStore = TableStore(
            applied, file: file, ledger: ledgerStore, nodeDirectory: nodeDirectory, medium: medium, executor: tableExecutor,
            writerExecutor: writerExecutor, handlers: handlers)
        ledgerStore.serves(tableStore)
        let snapshots = SnapshotStore(
            SnapshotDesk(folder: recovery.folder, receiver: receiver), directory: path, expected: tableState, table: tableStore,
            ledger: ledgerStore, medium: medium, executor: snapshotExecutor, handlers: handlers)
        return OpenReplica(
            state: state, appliedUpTo: appliedUpTo, rolledUpTo: memory.appliedUpTo, ledger: ledgerStore, table: tableStore,
            snapshots: snapshots)
    }

    /// What the core starts from.
    private func startState(
        _ ledger: borrowing LedgerFile, _ table: AppliedTable.Memory, appliedUpTo: Slot, leastSlot: Slot?
    ) throws(StorageError) -> LedgerState {
        var state = try ledger.state(appliedUpTo: appliedUpTo)
        state.configurations = try ledger.configurations(upTo: state.chosenUpTo)
        if let leastSlot { state.compactedUpTo = max(state.compactedUpTo, leastSlot) }
        if table.appliedUpTo == state.chosenUpTo { state.stampAtChosen = max(state.stampAtChosen, table.stamp) }
        return state
    }
}
