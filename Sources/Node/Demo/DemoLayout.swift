import Foundation
import Sharding

/// Where everything of a demo is.
struct DemoLayout {
    let directory: String
    let cluster: ClusterDescription

    var clusterFile: String { directory + "/cluster.yaml" }
    func data(of node: NodeDescription) -> String { "\(directory)/\(node.name)" }
    func log(of node: NodeDescription) -> String { "\(directory)/\(node.name).log" }

    /// Takes the cluster file that is there, or writes one: only once its ports are known to be free, since the next try
    /// would be bound to them.
    init(directory: String, port: Int) throws(ExitFailure) {
        self.directory = directory
        let path = directory + "/cluster.yaml"
        let text = FileManager.default.fileExists(atPath: path) ? nil : Self.clusterText(port: port)
        do {
            if let text {
                cluster = try ClusterFile.parse(text, file: path)
            } else {
                cluster = try ClusterFile.load(path: path)
            }
        } catch {
            throw ExitFailure.configuration("\(error)")
        }
        try checkPort(port, in: path)
        try checkPorts()
        guard let text else { return }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw ExitFailure.inputOutput("can't write \(path): \(error.localizedDescription)")
        }
    }

    private func checkPort(_ port: Int, in path: String) throws(ExitFailure) {
        let found = cluster.nodes[0].client.port
        guard found == port else {
            throw ExitFailure.configuration(
                "\(path) is there already, and its first client port is \(found): use --port \(found), or another --data")
        }
    }

    /// Better one clear line here than three nodes that end at once.
    private func checkPorts() throws(ExitFailure) {
        for node in cluster.nodes {
            for (role, address) in [("client", node.client), ("peer", node.peer)] where !PortCheck.isFree(address) {
                throw ExitFailure.unavailable(
                    "port \(address.port) (\(role) port of \(node.name)) is in use: is another demo running? Else choose others: --port 8001 --data OTHER"
                )
            }
        }
    }

    private static func clusterText(port: Int) -> String {
        let nodes = (0..<3).map { place in
            let addresses = "peer: 127.0.0.1:\(port + 100 + place), client: 127.0.0.1:\(port + place)"
            return "  dc\(place + 1): { datacenter: Datacenter\(place + 1), \(addresses) }\n"
        }
        return """
            cluster: demo
            nodes:
            \(nodes.joined())shards:
              shard1: { keys: "a*", leader: dc1 }
              shard2: { keys: "b*", leader: dc2 }

            """
    }
}
