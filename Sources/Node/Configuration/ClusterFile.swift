import Foundation
import Paxos
package import Sharding
import Yams

/// The cluster file:
///
///     cluster: demo
///     nodes:
///       dc1: { datacenter: Datacenter1, peer: 127.0.0.1:7101, client: 127.0.0.1:7001 }
///     shards:
///       shard1: { keys: "a*", leader: dc1 }
///
/// and, optional: `reads: lease|quorum`, `transport: udp|tcp`, `request-timeout: 5s`, `staleness: 5s`,
/// `limits: { key-bytes, value-bytes, log-slots, log-bytes, snapshots, disk-reserve }`.
/// A field that is not known is refused: it would be a typing error that silently does nothing.
package enum ClusterFile {
    private static let byteCountMax = 1 << 20

    /// Reads and checks the file at `path`.
    package static func load(path: String) throws(ConfigurationProblem) -> ClusterDescription {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ConfigurationProblem(file: path, line: nil, text: "can't be read: \(String(cString: strerror(errno)))")
        }
        let bytes: Data
        do {
            bytes = try file.read(upToCount: byteCountMax + 1) ?? Data()
        } catch {
            throw ConfigurationProblem(file: path, line: nil, text: "can't be read: is it a file?")
        }
        guard bytes.count <= byteCountMax else {
            throw ConfigurationProblem(file: path, line: nil, text: "is larger than \(byteCountMax) bytes; is it a cluster file?")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw ConfigurationProblem(file: path, line: nil, text: "is not UTF-8 text; is it a cluster file?")
        }
        return try parse(text, file: path)
    }

    /// `file` is what problems call it.
    package static func parse(_ text: String, file: String) throws(ConfigurationProblem) -> ClusterDescription {
        let source = YAMLSource(file: file)
        var fields = try source.root(of: text)
        let name = try fields.text("cluster")
        var nodes: [NodeDescription] = []
        for var fields in try fields.mappings("nodes") {
            nodes.append(try node(from: &fields, place: nodes.count + 1))
        }
        var shards: [ShardDescription] = []
        for var fields in try fields.mappings("shards") {
            shards.append(try shard(from: &fields, nodes: nodes))
        }
        let settings = try settings(from: &fields)
        try fields.refuseOthers()
        let cluster = ClusterDescription(name: name, nodes: nodes, shards: shards, settings: settings)
        do {
            try cluster.validate()
        } catch {
            throw source.problem(at: error.field, error.text)
        }
        return cluster
    }

    private static func node(from fields: inout YAMLFields, place: Int) throws(ConfigurationProblem) -> NodeDescription {
        guard place <= ClusterDescription.nodesMax else {
            throw fields.problem("a cluster has at most \(ClusterDescription.nodesMax) nodes")
        }
        let node = NodeDescription(
            id: NodeID(rawValue: UInt16(place)), name: fields.name, datacenter: try fields.text("datacenter"),
            peer: try fields.address("peer"), client: try fields.address("client"), http: try fields.optionalAddress("http"))
        try fields.refuseOthers()
        return node
    }

    private static func shard(from fields: inout YAMLFields, nodes: [NodeDescription]) throws(ConfigurationProblem) -> ShardDescription {
        let text = try fields.text("keys")
        let keys: KeyRange
        do {
            keys = try KeyRange(text: text)
        } catch {
            throw fields.problem("keys", "\(error)")
        }
        var leader: NodeID?
        if let name = try fields.optionalText("leader") {
            guard let node = nodes.first(where: { $0.name == name }) else {
                let names = nodes.map(\.name).joined(separator: ", ")
                throw fields.problem("leader", "there is no node '\(name)': the nodes are \(names)")
            }
            leader = node.id
        }
        try fields.refuseOthers()
        return ShardDescription(id: ShardID(name: fields.name), name: fields.name, keys: keys, preferredLeader: leader)
    }
}
