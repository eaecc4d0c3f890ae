import Foundation

/// Three nodes of this program, each in a datacenter of its own; keys that begin with a are led by the first, with b by the second.
package struct DecreeDriver: SystemDriver {
    package let name = "Decree"
    package let program: String
    package let peer = LoadSettings.Peer.redis
    package let endpoints: [Endpoint]
    package let writableNodes = 0..<3
    package let waitFor = 0
    package let failsOver = true
    private let port: Int
    /// What each node's cluster file says of where the nodes' peer ports are: a relay may stand between them.
    private let peerPort: @Sendable (_ node: Int, _ seenBy: Int) -> Int
    private let settings: String

    /// Ports: the clients' from `port` on, the peers' from ten further on.
    package init(program: String, port: Int, settings: String = "", peerPort: (@Sendable (Int, Int) -> Int)? = nil) {
        self.program = program
        self.port = port
        self.settings = settings
        endpoints = (0..<3).map { Endpoint(host: "127.0.0.1", port: port + $0) }
        self.peerPort = peerPort ?? { node, _ in port + 10 + node }
    }

    package func prepare(_ directory: String) throws(BenchFailure) {
        for reader in 0..<3 {
            let nodes = (0..<3).map { node in
                "  dc\(node + 1): { datacenter: Datacenter\(node + 1), peer: 127.0.0.1:\(peerPort(node, reader)), "
                    + "client: \(endpoints[node]) }\n"
            }
            let text = """
                cluster: bench
                nodes:
                \(nodes.joined())shards:
                  shard1: { keys: "a*", leader: dc1 }
                  shard2: { keys: "b*", leader: dc2 }
                \(settings)

                """
            try write(text, to: file(reader, directory))
        }
    }

    private func write(_ text: String, to path: String) throws(BenchFailure) {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw BenchFailure("can't write \(path): \(error.localizedDescription)")
        }
    }

    private func file(_ node: Int, _ directory: String) -> String { "\(directory)/cluster\(node + 1).yaml" }

    package func command(_ node: Int, _ directory: String) -> [String] {
        [program, "serve", "--config", file(node, directory), "--node", "dc\(node + 1)", "--data", "\(directory)/data\(node + 1)"]
    }

    /// The node that leads each shard, in the order of their names; none where none is known.
    func leaders() -> [Int?] {
        let statuses = endpoints.map { status(of: $0) }
        return ["shard1", "shard2"].map { name in
            statuses.firstIndex { $0?.shards.contains { $0.name == name && $0.role == "leader" } ?? false }
        }
    }

    /// The highest round that any node has promised, by shard: each election is at least one more.
    func ballots() -> [String: UInt64] {
        var ballots: [String: UInt64] = [:]
        for shard in endpoints.compactMap({ status(of: $0) }).flatMap(\.shards) {
            ballots[shard.name] = max(ballots[shard.name] ?? 0, shard.promised.round)
        }
        return ballots
    }

    package func leader() -> Int? {
        for node in endpoints.indices where shard(of: node)?.role == "leader" { return node }
        return nil
    }

    package func position(_ node: Int) -> UInt64? {
        guard let shard = shard(of: node), shard.role == "leader" || shard.role == "follower", shard.fetching == nil else { return nil }
        return shard.appliedUpTo
    }

    package func completeReturn(_ node: Int) throws(BenchFailure) {
        guard let helper = endpoints.indices.first(where: { $0 != node && position($0) != nil }) else {
            throw BenchFailure("no node can be asked to replace dc\(node + 1)")
        }
        let words = [program, "replace", "--endpoint", endpoints[helper].description, "--node", "dc\(node + 1)", "--wait", "60"]
        // It refuses a node that has not said yet that it is a stranger.
        let deadline = Clock.now() + 60 * Clock.second
        while try !succeeds(words) {
            guard Clock.now() < deadline else { throw BenchFailure("decree replace: dc\(node + 1) does not vote after a minute") }
            usleep(100_000)
        }
    }

    private func succeeds(_ words: [String]) throws(BenchFailure) -> Bool {
        var status: Int32 = 0
        waitpid(try ServerProcess(words, log: "/dev/null").id, &status, 0)
        return status == 0
    }

    private struct Status: Decodable {
        let shards: [Shard]
    }

    private struct Shard: Decodable {
        let name: String
        let role: String
        let appliedUpTo: UInt64
        let promised: Ballot
        let fetching: Fetching?
    }

    private struct Ballot: Decodable {
        let round: UInt64
    }

    private struct Fetching: Decodable {}

    private func shard(of node: Int) -> Shard? { status(of: endpoints[node])?.shards.first { $0.name == "shard1" } }

    private func status(of endpoint: Endpoint) -> Status? {
        guard var server = try? Server(endpoint, timeout: 1), let answer = try? server.ask(["DECREE", "STATUS"]) else { return nil }
        return try? JSONDecoder().decode(Status.self, from: Data(answer))
    }
}
