import Foundation
import Testing

extension ClusterTests {
    @Test(.timeLimit(.minutes(2))) func aFirstStartWaitsForEveryMemberAndSaysSo() async throws {
        try await withCluster { cluster in
            let (present, absent) = (cluster.nodes.dropLast(), cluster.nodes[2])
            for node in present { try cluster.start(node) }
            for node in present {
                let saysSo = Deadline(30).wait {
                    cluster.status(node)?.shards.allSatisfy { $0.waitingFor == [absent.name] } ?? false
                }
                cluster.expect(saysSo, "\(node.name) does not wait for \(absent.name): \(String(describing: cluster.status(node)))")
                cluster.expect(cluster.logText(of: node).contains(absent.name), "\(node.name) says nothing: \(cluster.lastLines(node))")
                let reply = try RESPClient.ask(node.client, ["SET", "a:early", "1"], seconds: 20)
                guard case .error(let text) = reply, text.hasPrefix("UNAVAILABLE") else { return cluster.fail("SET said \(reply)") }
            }
            try cluster.start(absent)
            cluster.waitUntilServing(seconds: 60)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aReplicaThatLostItsDirectoryIsAStrangerAndTheOthersGoOn() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let (wiped, others) = (cluster.nodes[2], Array(cluster.nodes.dropLast()))
            _ = try RESPClient.ask(others[0].client, ["SET", "a:kept", "value"])
            cluster.kill([wiped])
            try FileManager.default.removeItem(atPath: cluster.data(of: wiped))
            try cluster.start(wiped)
            let isStranger = Deadline(30).wait {
                cluster.status(wiped)?.shards.allSatisfy { $0.role == "stranger" } ?? false
            }
            cluster.expect(isStranger, "the wiped node says \(String(describing: cluster.status(wiped)))")
            cluster.expect(cluster.logText(of: wiped).contains("stranger"), "its log does not say so:\n\(cluster.lastLines(wiped))")
            cluster.waitUntilServing(others)
            cluster.expect(try RESPClient.ask(others[1].client, ["GET", "a:kept"]) == .bulk("value"), "the value is gone")

            // Two of three hold the shards; were the stranger's vote counted, the shards would go on with one of them down.
            cluster.kill([others[1]])
            let reply = try RESPClient.ask(others[0].client, ["SET", "a:kept", "other"], seconds: 20)
            guard case .error = reply else { return cluster.fail("a stranger's vote was counted: SET said \(reply)") }
            try cluster.start(others[1])
            cluster.waitUntilServing(others)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aTableThatIsGoneIsMadeAgainAndTheLogSaysSo() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let node = cluster.nodes[2]
            // Before, its log need not say that anything was chosen, and a table that would be empty is not missed.
            let knows = Deadline(30).wait {
                let output = try? Program.run([DecreeExecutable.path, "inspect", cluster.data(of: node)]).output
                let chosen = output?.split(separator: "\n").filter { $0.contains("chosen up to") } ?? []
                return !chosen.isEmpty && chosen.allSatisfy { $0.split(separator: " ").last != "0" }
            }
            cluster.expect(knows, "its ledgers do not say that anything is chosen")
            cluster.kill([node])
            let table = try #require(cluster.databases(of: node).first { $0.contains("/shard1/table") })
            for companion in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: table + companion) }
            try cluster.start(node)
            cluster.waitUntilServing()
            let line = "shard1: \(table) is missing; it is made again, from the log"
            cluster.expect(cluster.logText(of: node).contains(line), "no '\(line)':\n\(cluster.lastLines(node))")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aSecondProcessOnTheSameDirectoryIsRefused() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            // The same node with the same directory, at other addresses: only the directory stands in its way.
            let other = try Cluster()
            defer { _ = other.close() }
            let command = other.command(other.nodes[0], data: cluster.data(of: cluster.nodes[0]))
            try expectOneLine(of: command, containing: "in use", cluster)
            cluster.waitUntilServing()
        }
    }

    @Test(.timeLimit(.minutes(2))) func aPortInUseIsRefusedWithOneLine() async throws {
        try await withCluster { cluster in
            let node = cluster.nodes[0]
            for (address, name) in [(node.client, "client"), (node.peer, "peer")] {
                let listener = try Listener(address)
                try expectOneLine(of: cluster.command(node), containing: "\(address.port)", cluster)
                listener.close()
                cluster.expect(!cluster.logText(of: node).contains("Fatal"), "the \(name) port")
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aDirectoryOfAnotherNodeIsRefused() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            cluster.kill(cluster.nodes)
            try expectOneLine(of: cluster.command(cluster.nodes[1], data: cluster.data(of: cluster.nodes[0])), containing: "dc1", cluster)
            try cluster.startAll()
            cluster.waitUntilServing()
        }
    }

    /// The command ends by itself, with a failure and one line that says why.
    private func expectOneLine(of command: [String], containing text: String, _ cluster: Cluster) throws {
        let (ending, output) = try Program.run(command, seconds: 20)
        cluster.expect(ending != .exited(0) && ending != .signaled(SIGKILL), "\(command.joined(separator: " ")) ended with \(ending)")
        let complaints = output.split(separator: "\n").filter { $0.hasPrefix("decree: ") }
        cluster.expect(complaints.count == 1 && complaints[0].contains(text), "no line with '\(text)': \(output)")
    }
}

/// Something else that has the port.
private struct Listener {
    private let descriptor: Int32

    init(_ address: SocketAddress) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isListening = address.with { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 1) == 0
        self.descriptor = descriptor
        if !isListening {
            close()
            throw ChildProcess.Failure(description: "\(address) is not free")
        }
    }

    func close() {
        _ = Foundation.close(descriptor)
    }
}
