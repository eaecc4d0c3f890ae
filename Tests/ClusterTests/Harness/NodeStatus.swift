import Foundation

/// What a node says of itself in `DECREE STATUS`: the fields that tests look at.
struct NodeStatus: Decodable {
    struct Shard: Decodable {
        var name: String
        var role: String
        var waitingFor: [String]
        var leader: String?
        var chosenUpTo: UInt64
        var appliedUpTo: UInt64
    }

    struct Peer: Decodable {
        var node: String
        /// `udp`, `tcp` or `down`.
        var path: String
        var sentByDatagram: UInt64
        var sentByStream: UInt64
    }

    var node: String
    var shards: [Shard]
    var peers: [Peer]

    static func ask(_ address: SocketAddress, seconds: Double = 2) -> NodeStatus? {
        guard let reply = try? RESPClient.ask(address, ["DECREE", "STATUS"], seconds: seconds), let text = reply.text else { return nil }
        return try? JSONDecoder().decode(NodeStatus.self, from: Data(text.utf8))
    }
}
