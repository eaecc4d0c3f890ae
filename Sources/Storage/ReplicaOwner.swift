package import Paxos

/// Whom a replica's directory belongs to.
package struct ReplicaOwner: Hashable, Sendable {
    package let cluster: String
    package let nodeName: String
    package let node: NodeID
    package let shardName: String
    package let shard: ShardID

    package init(cluster: String, nodeName: String, node: NodeID, shardName: String, shard: ShardID) {
        self.cluster = cluster
        self.nodeName = nodeName
        self.node = node
        self.shardName = shardName
        self.shard = shard
    }

    /// Throws unless `path`, which belongs to `self`, is the one that `other` may use.
    func check(_ other: ReplicaOwner, path: String) throws(StorageError) {
        guard self != other else { return }
        let found = "node \(nodeName) (\(node)), shard \(shardName), of cluster \(cluster)"
        let asked = "node \(other.nodeName) (\(other.node)), shard \(other.shardName), of cluster \(other.cluster)"
        throw StorageError(.foreign, "\(path) belongs to \(found); this is \(asked): start with the directory of this node")
    }
}
