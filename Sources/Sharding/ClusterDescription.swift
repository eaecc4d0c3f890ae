package import Paxos

/// What the cluster file says: nodes, shards, settings. Genesis and addresses only; who votes is in the log.
package struct ClusterDescription: Hashable, Sendable {
    package let name: String
    /// In the file's order; a node's id is its place, from 1.
    package let nodes: [NodeDescription]
    /// Ascending by range.
    package let shards: [ShardDescription]
    package let settings: ClusterSettings

    package init(name: String, nodes: [NodeDescription], shards: [ShardDescription], settings: ClusterSettings) {
        self.name = name
        self.nodes = nodes
        self.shards = shards
        self.settings = settings
    }

    package func node(named name: String) -> NodeDescription? { nodes.first { $0.name == name } }
    package func node(_ id: NodeID) -> NodeDescription? { nodes.first { $0.id == id } }
    package func shard(_ id: ShardID) -> ShardDescription? { shards.first { $0.id == id } }

    /// The shard that owns a key; nil where none does.
    package func shard(owning key: [UInt8]) -> ShardDescription? { shards.first { $0.keys.contains(key) } }
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

package struct Address: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
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

/// Keys from `lower` up to, and without, `upper` (nil: no upper bound), compared byte by byte.
package struct KeyRange: Hashable, Sendable {
    package let lower: [UInt8]
    package let upper: [UInt8]?
    /// As it stands in the cluster file: `a*`, `from..to` or `*`.
    package let text: String

    package init(lower: [UInt8], upper: [UInt8]?, text: String) {
        self.lower = lower
        self.upper = upper
        self.text = text
    }

    package func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(lower) && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
    }
}

/// The optional settings of the cluster file, with their defaults.
package struct ClusterSettings: Hashable, Sendable {
    package enum Reads: String, Hashable, Sendable { case lease, quorum }
    package enum Transport: String, Hashable, Sendable { case udp, tcp }

    package var reads = Reads.lease
    package var transport = Transport.udp
    package var keyBytesMax = 4096
    package var valueBytesMax = 1_048_576
    /// How long a client waits for an outcome before it is told that there is none.
    package var requestTimeout = Span.milliseconds(5000)
    /// How old a `READONLY` answer may be.
    package var stalenessMax = Span.milliseconds(5000)

    package init() {}
}
