import Paxos
import SQLite

/// The one row of the ledger's `acceptor`: what a replica knows beside its log.
struct Acceptor: Hashable {
    var promise = Ballot.zero
    var chosenUpTo = Slot.none
    /// Rows up to here are not to be relied on any more, and go, if they are not gone yet.
    var compactedUpTo = Slot.none
    /// The stamp of the entry at `compactedUpTo`.
    var compactedStamp = Stamp.zero
    var stage = Stage.gathering
    /// The number in the name of the current table's file.
    var tableGeneration: UInt64 = 1
    /// Of all rows of `genesis` and `configurations`.
    var membersChecksum: UInt64 = 0

    static let select = """
        SELECT promise_round, promise_node, chosen_up_to, compacted_up_to, compacted_stamp, stage, table_generation, members_checksum, checksum
        FROM acceptor
        """

    static let write = """
        INSERT OR REPLACE INTO acceptor
            (id, promise_round, promise_node, chosen_up_to, compacted_up_to, compacted_stamp, stage, table_generation, members_checksum, checksum)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """

    /// A new ledger's. A log that begins behind a slot has nothing at it or below.
    init(tableGeneration: UInt64, beginsBehind slot: Slot = .none, stamp: Stamp = .zero) {
        self.tableGeneration = tableGeneration
        chosenUpTo = slot
        compactedUpTo = slot
        compactedStamp = stamp
    }

    /// Nil where the ledger has none. What a disk has changed must not be taken for a promise.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> Acceptor? {
        guard let found = try stored(path, { () throws(SQLiteError) in try checked(connection) }) else { return nil }
        guard let acceptor = found else {
            throw StorageError(.damaged, "\(path): the acceptor row is not what this program wrote; \(StorageError.mustNotVote(path))")
        }
        return acceptor
    }

    /// Nil where there is no row, and nil within where it says what no version wrote, or does not match its checksum.
    static func checked(_ connection: borrowing Connection) throws(SQLiteError) -> Acceptor?? {
        let statement = try connection.prepare(Acceptor.select)
        guard try statement.step() else { return nil }
        guard let (acceptor, checksum) = row(statement), LedgerChecksum.of(acceptor) == checksum else { return .some(nil) }
        return acceptor
    }

    /// As it stands there, and the checksum beside it; nil where it says what no version wrote.
    static func row(_ row: borrowing Statement) -> (acceptor: Acceptor, checksum: UInt64)? {
        guard let round = row.count(0), let node = UInt16(exactly: row.integer(1)), let chosen = row.count(2), let compacted = row.count(3),
            let stage = UInt8(exactly: row.integer(5)).flatMap(Stage.init), let generation = row.count(6)
        else { return nil }
        var acceptor = Acceptor(tableGeneration: generation)
        acceptor.promise = Ballot(round: round, node: NodeID(rawValue: node))
        acceptor.chosenUpTo = Slot(chosen)
        acceptor.compactedUpTo = Slot(compacted)
        acceptor.compactedStamp = Stamp(rawValue: row.unsigned(4))
        acceptor.stage = stage
        acceptor.membersChecksum = row.unsigned(7)
        return (acceptor, row.unsigned(8))
    }

    func write(with statement: borrowing Statement) throws(SQLiteError) {
        try statement.bind(promise.round, at: 1)
        try statement.bind(Int64(promise.node.rawValue), at: 2)
        try statement.bind(chosenUpTo.rawValue, at: 3)
        try statement.bind(compactedUpTo.rawValue, at: 4)
        try statement.bind(compactedStamp.rawValue, at: 5)
        try statement.bind(Int64(stage.rawValue), at: 6)
        try statement.bind(tableGeneration, at: 7)
        try statement.bind(membersChecksum, at: 8)
        try statement.bind(LedgerChecksum.of(self), at: 9)
        try statement.run()
    }
}
