import Foundation
import Synchronization
import Testing

/// Three real `decree serve` processes on one machine, in a directory of their own.
///
/// Made by `withCluster`. The directory goes with the cluster, unless something failed: then it stays, and its path is printed.
final class Cluster: Sendable {
    struct Node: Hashable, Sendable {
        let name: String
        let peer: SocketAddress
        let client: SocketAddress
        let http: SocketAddress
        /// What stands before the command, for example `ip netns exec NAME`.
        let prefix: [String]
    }

    let directory: String
    let nodes: [Node]
    private let running: Mutex<[String: ChildProcess]> = Mutex([:])
    private let findings: Mutex<[Finding]> = Mutex([])

    /// What a test has to complain of.
    struct Finding: Sendable {
        let text: String
        let location: SourceLocation
    }

    /// - Parameter settings: further lines of the cluster file.
    convenience init(settings: String = "") throws {
        let ports = FreePorts.pick(9)
        let nodes = (0..<3).map { index in
            func address(_ block: Int) -> SocketAddress { SocketAddress(host: "127.0.0.1", port: ports[block * 3 + index]) }
            return Node(name: "dc\(index + 1)", peer: address(0), client: address(1), http: address(2), prefix: [])
        }
        try self.init(nodes: nodes, settings: settings)
    }

    init(nodes: [Node], settings: String = "") throws {
        self.nodes = nodes
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("decree-cluster-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let lines = nodes.enumerated().map { index, node in
            "  \(node.name): { datacenter: Datacenter\(index + 1), peer: \(node.peer), client: \(node.client), http: \(node.http) }"
        }
        let file = """
            cluster: chaos
            nodes:
            \(lines.joined(separator: "\n"))
            shards:
              shard1: { keys: "a*", leader: dc1 }
              shard2: { keys: "b*", leader: dc2 }
            \(settings)
            """
        try file.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    var configuration: String { directory + "/cluster.yaml" }
    func data(of node: Node) -> String { directory + "/" + node.name }
    func log(of node: Node) -> String { directory + "/" + node.name + ".log" }
    func logText(of node: Node) -> String { (try? String(contentsOfFile: log(of: node), encoding: .utf8)) ?? "" }

    /// Notes a failure; it is recorded when the test's thread has ended, since only the test's own task may do so.
    func fail(_ text: String, _ location: SourceLocation = #_sourceLocation) {
        findings.withLock { $0.append(Finding(text: text, location: location)) }
    }

    /// Ends what still runs, and removes the directory unless there is something to look at.
    func close() -> [Finding] {
        for process in running.withLock({ $0.values.sorted { $0.identifier < $1.identifier } }) { process.killAndWait() }
        let findings = findings.withLock { $0 }
        if findings.isEmpty && ProcessInfo.processInfo.environment["DECREE_KEEP"] == nil {
            try? FileManager.default.removeItem(atPath: directory)
        } else {
            print("kept for a look: \(directory)")
        }
        return findings
    }

    func expect(_ condition: Bool, _ text: @autoclosure () -> String, _ location: SourceLocation = #_sourceLocation) {
        if !condition { fail(text(), location) }
    }

    func command(_ node: Node, data: String? = nil) -> [String] {
        let options = ["--config", configuration, "--node", node.name, "--data", data ?? self.data(of: node)]
        return node.prefix + [DecreeExecutable.path, "serve"] + options
    }

    func start(_ node: Node) throws {
        let process = try ChildProcess(command(node), standardError: log(of: node))
        let earlier = running.withLock { running in
            defer { running[node.name] = process }
            return running[node.name]
        }
        if let earlier, earlier.poll() == nil { fail("\(node.name) was started twice") }
    }

    func startAll() throws {
        for node in nodes { try start(node) }
    }

    /// `kill -9`. That the node was still there to be killed is part of the test.
    func kill(_ nodes: [Node]) {
        let processes = nodes.compactMap { process($0) }
        for process in processes { process.signal(SIGKILL) }
        for (node, process) in zip(nodes, processes) {
            let ending = process.wait(seconds: 30)
            expect(ending == .signaled(SIGKILL), "\(node.name) had ended by itself: \(String(describing: ending))\n\(lastLines(node))")
        }
    }

    func pause(_ node: Node) { process(node)?.signal(SIGSTOP) }
    func resume(_ node: Node) { process(node)?.signal(SIGCONT) }

    /// `SIGTERM`, and the way it ended.
    func terminate(_ node: Node, seconds: Double = 30) -> ChildProcess.Ending? {
        process(node)?.signal(SIGTERM)
        return process(node)?.wait(seconds: seconds)
    }

    func process(_ node: Node) -> ChildProcess? {
        running.withLock { $0[node.name] }
    }

    func lastLines(_ node: Node, _ count: Int = 15) -> String {
        logText(of: node).split(separator: "\n").suffix(count).joined(separator: "\n")
    }
}
