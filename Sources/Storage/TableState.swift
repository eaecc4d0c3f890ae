import Paxos
import SQLite

/// The table's `state` row: whose table it is, and how far it has come.
struct TableState: Hashable {
    let owner: ReplicaOwner
    let incarnation: Incarnation
    let generation: UInt64
    var appliedUpTo = Slot.none
    var keyCount: UInt64 = 0
    var largestID: UInt64 = 0
    /// The sum of the checksums of the keys' rows.
    var rowsHash: UInt64 = 0
    /// Of the entry at `appliedUpTo`.
    var stamp = Stamp.zero

    init(owner: ReplicaOwner, incarnation: Incarnation, generation: UInt64) {
        self.owner = owner
        self.incarnation = incarnation
        self.generation = generation
    }

    /// Nil where the file has none yet, that is where nothing was ever applied to it.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> TableState? {
        let (row, numbers, hash, stamp): ([String], [UInt64], UInt64, UInt64) = try stored(path) { () throws(SQLiteError) in
            let statement = try connection.prepare(
                """
                SELECT cluster, node, node_id, shard, shard_id, incarnation, generation, applied_up_to, key_count, largest_id, rows_hash,
                    stamp
                FROM state
                """)
            guard try statement.step() else { return ([], [], 0, 0) }
            return (
                (0..<6).map { statement.text($0) }, (6..<10).compactMap { statement.count($0) }, statement.unsigned(10),
                statement.unsigned(11)
            )
        }
        guard !row.isEmpty else { return nil }
        // Each key has an id of its own.
        guard let node = UInt16(row[2]), let shard = UInt32(row[4]), let incarnation = UInt64(row[5], radix: 16),
            numbers.count == 4, numbers[2] <= numbers[3]
        else {
            throw StorageError(.damaged, "\(path): the state row is not what this program writes")
        }
        let owner = ReplicaOwner(
            cluster: row[0], nodeName: row[1], node: NodeID(rawValue: node), shardName: row[3], shard: ShardID(rawValue: shard))
        var state = TableState(owner: owner, incarnation: Incarnation(rawValue: incarnation), generation: numbers[0])
        state.appliedUpTo = Slot(numbers[1])
        state.keyCount = numbers[2]
        state.largestID = numbers[3]
        state.rowsHash = hash
        state.stamp = Stamp(rawValue: stamp)
        return state
    }

    func insert(_ connection: borrowing Connection) throws(SQLiteError) {
        let statement = try connection.prepare(
            """
            INSERT INTO state (
                id, cluster, node, node_id, shard, shard_id, incarnation, generation, applied_up_to, key_count, largest_id)
            VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0)
            """)
        try owner.bind(to: statement)
        try statement.bind(incarnation.description, at: 6)
        try statement.bind(generation, at: 7)
        try statement.run()
    }

    /// Over what stands there: the table of another replica, or of another life, becomes this one's.
    func writeOwner(_ connection: borrowing Connection) throws(SQLiteError) {
        let statement = try connection.prepare(
            """
            UPDATE state SET cluster = ?1, node = ?2, node_id = ?3, shard = ?4, shard_id = ?5, incarnation = ?6, generation = ?7
            """)
        try owner.bind(to: statement)
        try statement.bind(incarnation.description, at: 6)
        try statement.bind(generation, at: 7)
        try statement.run()
    }

    static let update = "UPDATE state SET applied_up_to = ?1, key_count = ?2, largest_id = ?3, rows_hash = ?4, stamp = ?5"

    func update(with statement: borrowing Statement) throws(SQLiteError) {
        try statement.bind(appliedUpTo.rawValue, at: 1)
        try statement.bind(keyCount, at: 2)
        try statement.bind(largestID, at: 3)
        try statement.bind(rowsHash, at: 4)
        try statement.bind(stamp.rawValue, at: 5)
        try statement.run()
    }
}
