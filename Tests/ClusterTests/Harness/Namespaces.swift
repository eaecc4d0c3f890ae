import Foundation

/// Three network namespaces, joined by veth pairs to a bridge in a fourth. The machine's own network is not touched.
struct Namespaces: Sendable {
    /// Messages that a cluster's nodes have sent each other.
    struct Traffic: CustomStringConvertible {
        var datagrams: Int
        var streamed: Int

        var description: String { "\(datagrams) messages by UDP, \(streamed) by TCP" }

        static func - (left: Traffic, right: Traffic) -> Traffic {
            Traffic(datagrams: left.datagrams - right.datagrams, streamed: left.streamed - right.streamed)
        }
    }

    /// Root, `ip` and `nft`, and a kernel that lets us: shown by trying it.
    static let areAvailable: Bool = {
        guard geteuid() == 0, Program.path(of: "ip") != nil, Program.path(of: "nft") != nil, Program.path(of: "bash") != nil,
            let trial = try? Namespaces()
        else { return false }
        defer { trial.remove() }
        return (try? trial.dropUDP()) != nil
    }()

    private let name: String

    init() throws {
        name = "decree\(getpid())"
        do {
            try ip("netns", "add", hub)
            try ip("-n", hub, "link", "add", "bridge", "type", "bridge")
            try ip("-n", hub, "link", "set", "bridge", "up")
            for number in 1...3 {
                let space = namespace(number)
                try ip("netns", "add", space)
                try ip("-n", hub, "link", "add", "port\(number)", "type", "veth", "peer", "name", "peer", "netns", space)
                try ip("-n", hub, "link", "set", "port\(number)", "master", "bridge", "up")
                try ip("-n", space, "address", "add", "10.77.0.\(number)/24", "dev", "peer")
                try ip("-n", space, "link", "set", "peer", "up")
                try ip("-n", space, "link", "set", "lo", "up")
            }
        } catch {
            remove()
            throw error
        }
    }

    private var hub: String { name + "hub" }
    private func namespace(_ number: Int) -> String { "\(name)n\(number)" }
    private var all: [String] { (1...3).map(namespace) }

    func remove() {
        for space in all + [hub] { _ = try? Program.run(["ip", "netns", "delete", space]) }
    }

    var nodes: [Cluster.Node] {
        (1...3).map { number in
            func address(_ port: UInt16) -> SocketAddress { SocketAddress(host: "10.77.0.\(number)", port: port) }
            return Cluster.Node(
                name: "dc\(number)", peer: address(7100), client: address(7000), http: address(7200),
                prefix: ["ip", "netns", "exec", namespace(number)])
        }
    }

    func dropUDP() throws {
        for space in all {
            try run("ip", "netns", "exec", space, "nft", "add table inet decree")
            try run("ip", "netns", "exec", space, "nft", "add chain inet decree arriving { type filter hook input priority 0; }")
            try run("ip", "netns", "exec", space, "nft", "add rule inet decree arriving meta l4proto udp drop")
        }
    }

    func letUDP() throws {
        for space in all { try run("ip", "netns", "exec", space, "nft", "delete table inet decree") }
    }

    // MARK: Clients inside

    /// A write to each shard through each node.
    func waitForWrites(through nodes: [Cluster.Node], seconds: Double) -> Bool {
        let deadline = Deadline(seconds)
        return nodes.allSatisfy { node in deadline.wait { write("ready", through: node) } }
    }

    /// Bash speaks TCP by itself, and inline commands are RESP too.
    func write(_ value: String, _ shards: [String] = Workload.shards, through node: Cluster.Node) -> Bool {
        let script = """
            exec 3<>/dev/tcp/\(node.client.host)/\(node.client.port) || exit 1
            for shard in \(shards.joined(separator: " ")); do
              printf 'SET %s:key %s\\r\\n' $shard \(value) >&3
              read -r -t 8 reply <&3 && [ "${reply%?}" = +OK ] || exit 1
            done
            """
        return (try? Program.run(node.prefix + ["bash", "-c", script]))?.ending == .exited(0)
    }

    private func status(_ node: Cluster.Node) -> NodeStatus? {
        let script = """
            exec 3<>/dev/tcp/\(node.client.host)/\(node.client.port) || exit 1
            printf 'DECREE STATUS\\r\\n' >&3
            read -r -t 8 header <&3 || exit 1
            header=${header%?}
            head -c "${header#?}" <&3
            """
        guard let result = try? Program.run(node.prefix + ["bash", "-c", script]), result.ending == .exited(0) else { return nil }
        return try? JSONDecoder().decode(NodeStatus.self, from: Data(result.output.utf8))
    }

    func waitUntilLeads(_ node: Cluster.Node, _ shard: String, seconds: Double) -> Bool {
        Deadline(seconds).wait(pollMilliseconds: 100) { status(node)?.shards.contains { $0.name == shard && $0.role == "leader" } ?? false }
    }

    /// How each node reaches each other one.
    func paths(_ nodes: [Cluster.Node]) -> [String] {
        nodes.flatMap { node in status(node)?.peers.map { "\(node.name) to \($0.node): \($0.path)" } ?? ["\(node.name) is silent"] }
    }

    func waitForPaths(_ path: String, _ nodes: [Cluster.Node], seconds: Double) -> Bool {
        Deadline(seconds).wait(pollMilliseconds: 200) { paths(nodes).allSatisfy { $0.hasSuffix(": " + path) } }
    }

    func traffic(_ nodes: [Cluster.Node]) -> Traffic {
        nodes.compactMap(status).flatMap(\.peers).reduce(into: Traffic(datagrams: 0, streamed: 0)) { sum, peer in
            sum.datagrams += Int(peer.sentByDatagram)
            sum.streamed += Int(peer.sentByStream)
        }
    }

    // MARK: Commands

    private func ip(_ words: String...) throws {
        try check(["ip"] + words)
    }

    private func run(_ words: String...) throws {
        try check(words)
    }

    private func check(_ words: [String]) throws {
        let (ending, output) = try Program.run(words)
        if ending != .exited(0) { throw ChildProcess.Failure(description: "\(words.joined(separator: " ")): \(output)") }
    }
}
