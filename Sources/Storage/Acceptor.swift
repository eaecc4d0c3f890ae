import Paxos
import SQLite

/// The one row of the ledger's `acceptor`: what a replica knows beside its log.
struct Acceptor: Hashable {
    var promise = Ballot.zero
    var chosenUpTo = Slot.none
    var compactedUpTo = Slot.none
    var stage = Stage.gathering
    /// The number in the name of the current table's file.
    var tableGeneration: UInt64 = 1

    static let read = """
        SELECT promise_round, promise_node, chosen_up_to, compacted_up_to, stage, table_generation FROM acceptor
        """

    static let write = """
        INSERT OR REPLACE INTO acceptor (id, promise_round, promise_node, chosen_up_to, compacted_up_to, stage, table_generation)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
        """

    init(tableGeneration: UInt64) {
        self.tableGeneration = tableGeneration
    }

    /// The row that `read` stands on; nil where it says what no version wrote.
    init?(_ row: borrowing Statement) {
        guard let round = row.count(0), let node = UInt16(exactly: row.integer(1)), let chosen = row.count(2), let compacted = row.count(3),
            let stage = UInt8(exactly: row.integer(4)).flatMap(Stage.init), let generation = row.count(5)
        else { return nil }
        promise = Ballot(round: round, node: NodeID(rawValue: node))
        chosenUpTo = Slot(chosen)
        compactedUpTo = Slot(compacted)
        self.stage = stage
        tableGeneration = generation
    }

    func write(with statement: borrowing Statement) throws(SQLiteError) {
        try statement.bind(promise.round, at: 1)
        try statement.bind(Int64(promise.node.rawValue), at: 2)
        try statement.bind(chosenUpTo.rawValue, at: 3)
        try statement.bind(compactedUpTo.rawValue, at: 4)
        try statement.bind(Int64(stage.rawValue), at: 5)
        try statement.bind(tableGeneration, at: 6)
        try statement.run()
    }
}
