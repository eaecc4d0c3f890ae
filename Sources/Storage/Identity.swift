import Paxos
import SQLite

/// The ledger's `identity` row: made once, and its boot counted at each start.
struct Identity: Hashable {
    let owner: ReplicaOwner
    let party: Party

    /// Nil where the ledger has none yet.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> Identity? {
        let (row, boot): ([String], UInt64?) = try stored(path) { () throws(SQLiteError) in
            let statement = try connection.prepare(
                "SELECT cluster, node, node_id, shard, shard_id, incarnation, boot FROM identity")
            guard try statement.step() else { return ([], nil) }
            return ((0..<6).map { statement.text($0) }, statement.count(6))
        }
        guard !row.isEmpty else { return nil }
        guard let node = UInt16(row[2]), let shard = UInt32(row[4]), let incarnation = UInt64(row[5], radix: 16), let boot else {
            throw StorageError(.damaged, "\(path): the identity row is not what this program writes; this replica must not vote")
        }
        let owner = ReplicaOwner(
            cluster: row[0], nodeName: row[1], node: NodeID(rawValue: node), shardName: row[3], shard: ShardID(rawValue: shard))
        return Identity(
            owner: owner, party: Party(node: owner.node, incarnation: Incarnation(rawValue: incarnation), boot: Boot(rawValue: boot)))
    }

    /// Inside a transaction.
    func insert(_ connection: borrowing Connection) throws(SQLiteError) {
        let statement = try connection.prepare(
            """
            INSERT INTO identity (id, cluster, node, node_id, shard, shard_id, incarnation, boot, created_at)
            VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, strftime('%Y-%m-%d %H:%M:%S', 'now'))
            """)
        try owner.bind(to: statement)
        try statement.bind(party.incarnation.description, at: 6)
        try statement.bind(party.boot.rawValue, at: 7)
        try statement.run()
    }

    /// Inside a transaction.
    func nextBoot(_ connection: borrowing Connection) throws(SQLiteError) -> Identity {
        try connection.execute("UPDATE identity SET boot = boot + 1")
        return Identity(
            owner: owner, party: Party(node: party.node, incarnation: party.incarnation, boot: Boot(rawValue: party.boot.rawValue + 1)))
    }
}

extension ReplicaOwner {
    /// As the parameters 1 to 5.
    func bind(to statement: borrowing Statement) throws(SQLiteError) {
        try statement.bind(cluster, at: 1)
        try statement.bind(nodeName, at: 2)
        try statement.bind(Int64(node.rawValue), at: 3)
        try statement.bind(shardName, at: 4)
        try statement.bind(Int64(shard.rawValue), at: 5)
    }
}
