package import KeyValue
package import Paxos
import SQLite

/// What stands in a replica's files, whether its node runs or not. Reads through SQLite only; checkpoints and deletes nothing.
package struct ReplicaInspection: Hashable, Sendable {
    package let path: String
    package let owner: ReplicaOwner
    package let identity: Party
    package let promise: Ballot
    package let stage: Stage
    package let chosenUpTo: Slot
    package let compactedUpTo: Slot
    package let genesis: [Configuration.Member]
    package let configurations: [ChosenConfiguration]
    /// 0 where the log is empty.
    package let firstSlot: Slot
    package let lastSlot: Slot
    /// The end of the log, ascending.
    package let lastEntries: [InspectedEntry]
    /// Nil where the file is missing, or nothing was ever applied to it.
    package let table: InspectedTable?

    /// `directory` is the replica's (`DIR/shard`). Of a running node each file is read at one moment, the table a little later.
    package init(directory: String, entriesMax: Int = 10) throws(StorageError) {
        let ledgerPath = ReplicaDirectory.ledgerPath(directory)
        let ledger = try Reading.file(ledgerPath, .ledger) { (connection) throws(StorageError) in
            try Ledger(connection, ledgerPath, entriesMax: entriesMax)
        }
        guard let ledger, let identity = ledger.identity, let acceptor = ledger.acceptor else {
            throw StorageError(.other, "there is no replica in \(directory): it has no ledger.sqlite, or an empty one")
        }
        let tablePath = ReplicaDirectory.tablePath(directory, generation: acceptor.tableGeneration)
        table = try Reading.file(tablePath, .table) { (connection) throws(StorageError) in
            try InspectedTable(connection, tablePath)
        }?.flatMap { $0 }
        path = directory
        owner = identity.owner
        self.identity = identity.party
        promise = acceptor.promise
        stage = acceptor.stage
        chosenUpTo = acceptor.chosenUpTo
        compactedUpTo = acceptor.compactedUpTo
        genesis = ledger.genesis
        configurations = ledger.configurations
        firstSlot = ledger.firstSlot
        lastSlot = ledger.lastSlot
        lastEntries = ledger.lastEntries
    }

    private struct Ledger {
        let identity: Identity?
        let acceptor: Acceptor?
        let genesis: [Configuration.Member]
        let configurations: [ChosenConfiguration]
        let firstSlot: Slot
        let lastSlot: Slot
        let lastEntries: [InspectedEntry]

        init(_ connection: borrowing Connection, _ path: String, entriesMax: Int) throws(StorageError) {
            identity = try Identity.read(connection, path)
            genesis = try Members.genesis(connection, path)
            configurations = try Members.configurations(connection, path)
            acceptor = try Acceptor.read(connection, path)
            (firstSlot, lastSlot, lastEntries) = try stored(path) { () throws(SQLiteError) in
                let first = try connection.integer("SELECT min(slot) FROM log") ?? 0
                let last = try connection.integer("SELECT max(slot) FROM log") ?? 0
                let rows = try connection.prepare("SELECT \(LogRow.columns) FROM log ORDER BY slot DESC LIMIT ?1")
                try rows.bind(Int64(entriesMax), at: 1)
                var entries: [InspectedEntry] = []
                while try rows.step() {
                    entries.append(InspectedEntry(slot: Slot(rows.unsigned(0)), entry: LogRow.entry(rows)?.entry))
                }
                return (Slot(UInt64(bitPattern: first)), Slot(UInt64(bitPattern: last)), entries.reversed())
            }
        }
    }
}

package struct InspectedEntry: Hashable, Sendable {
    package let slot: Slot
    /// Nil where the row does not match its checksum.
    package let entry: Entry?
}

package struct InspectedTable: Hashable, Sendable {
    package let path: String
    package let appliedUpTo: Slot
    package let keyCount: UInt64
    package let largestID: UInt64
    package let sessions: [SessionRecord]

    fileprivate init?(_ connection: borrowing Connection, _ path: String) throws(StorageError) {
        guard let state = try TableState.read(connection, path) else { return nil }
        self.path = path
        appliedUpTo = state.appliedUpTo
        keyCount = state.keyCount
        largestID = state.largestID
        sessions = try SessionRows.read(connection, path)
    }
}
