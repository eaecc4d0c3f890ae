package import Paxos

/// What the cluster file says: nodes, shards, settings. Genesis and addresses only; who votes is in the log.
package struct ClusterDescription: Hashable, Sendable {
    package let name: String
    /// In the file's order; a node's id is its place, from 1.
    package let nodes: [NodeDescription]
    /// Ascending by range, whatever their order in the file.
    package let shards: [ShardDescription]
    package let settings: ClusterSettings

    package init(name: String, nodes: [NodeDescription], shards: [ShardDescription], settings: ClusterSettings) {
        self.name = name
        self.nodes = nodes
        self.shards = shards.sorted { $0.keys.lower.lexicographicallyPrecedes($1.keys.lower) }
        self.settings = settings
    }

    package func node(named name: String) -> NodeDescription? { nodes.first { $0.name == name } }
    package func node(_ id: NodeID) -> NodeDescription? { nodes.first { $0.id == id } }
}

package struct NodeDescription: Hashable, Sendable {
    package let id: NodeID
    package let name: String
    package let datacenter: String
    /// Between nodes: the same port for UDP and TCP.
    package let peer: Address
    /// For RESP clients.
    package let client: Address
    package let http: Address?

    package init(id: NodeID, name: String, datacenter: String, peer: Address, client: Address, http: Address?) {
        self.id = id
        self.name = name
        self.datacenter = datacenter
        self.peer = peer
        self.client = client
        self.http = http
    }
}

package struct ShardDescription: Hashable, Sendable {
    package let id: ShardID
    package let name: String
    package let keys: KeyRange
    /// Where leadership belongs while that node is up and current.
    package let preferredLeader: NodeID?

    package init(id: ShardID, name: String, keys: KeyRange, preferredLeader: NodeID?) {
        self.id = id
        self.name = name
        self.keys = keys
        self.preferredLeader = preferredLeader
    }
}
