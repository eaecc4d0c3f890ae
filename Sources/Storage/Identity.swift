import Paxos
import SQLite

/// The ledger's `identity` row: made once, and its boot counted at each start.
struct Identity: Hashable {
    let owner: ReplicaOwner
    let party: Party
    /// What the log begins behind: a backup's table, where the replica was made from one.
    let origin: Origin

    /// Nil where the ledger has none yet.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> Identity? {
        guard let found = try stored(path, { () throws(SQLiteError) in try row(connection) }) else { return nil }
        guard let identity = found.identity, LedgerChecksum.of(identity) == found.checksum else {
            throw StorageError(.damaged, "\(path): the identity row is not what this program wrote; \(StorageError.mustNotVote(path))")
        }
        return identity
    }

    /// As it stands there, and the checksum beside it; without an identity where it says what no version wrote.
    static func row(_ connection: borrowing Connection) throws(SQLiteError) -> (identity: Identity?, checksum: UInt64)? {
        let row = try connection.prepare(
            "SELECT cluster, node, node_id, shard, shard_id, incarnation, boot, origin_slot, origin_hash, checksum FROM identity")
        guard try row.step() else { return nil }
        guard let node = UInt16(row.text(2)), let shard = UInt32(row.text(4)), let incarnation = UInt64(row.text(5), radix: 16),
            let boot = row.count(6), let origin = row.count(7)
        else { return (nil, 0) }
        let owner = ReplicaOwner(
            cluster: row.text(0), nodeName: row.text(1), node: NodeID(rawValue: node), shardName: row.text(3),
            shard: ShardID(rawValue: shard))
        let party = Party(node: owner.node, incarnation: Incarnation(rawValue: incarnation), boot: Boot(rawValue: boot))
        let identity = Identity(owner: owner, party: party, origin: Origin(slot: Slot(origin), hash: row.unsigned(8)))
        return (identity, row.unsigned(9))
    }

    /// Inside a transaction.
    func insert(_ connection: borrowing Connection) throws(SQLiteError) {
        let statement = try connection.prepare(
            """
            INSERT INTO identity
                (id, cluster, node, node_id, shard, shard_id, incarnation, boot, origin_slot, origin_hash, checksum, created_at)
            VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, strftime('%Y-%m-%d %H:%M:%S', 'now'))
            """)
        try owner.bind(to: statement)
        try statement.bind(party.incarnation.description, at: 6)
        try statement.bind(party.boot.rawValue, at: 7)
        try statement.bind(origin.slot.rawValue, at: 8)
        try statement.bind(origin.hash, at: 9)
        try statement.bind(LedgerChecksum.of(self), at: 10)
        try statement.run()
    }

    /// Inside a transaction.
    func nextBoot(_ connection: borrowing Connection) throws(SQLiteError) -> Identity {
        let boot = Boot(rawValue: party.boot.rawValue + 1)
        let next = Identity(owner: owner, party: Party(node: party.node, incarnation: party.incarnation, boot: boot), origin: origin)
        let statement = try connection.prepare("UPDATE identity SET boot = ?1, checksum = ?2")
        try statement.bind(boot.rawValue, at: 1)
        try statement.bind(LedgerChecksum.of(next), at: 2)
        try statement.run()
        return next
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
