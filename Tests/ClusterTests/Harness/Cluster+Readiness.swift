import Foundation
import Testing

extension Cluster {
    /// Waits until each of the nodes answers, and writes to both shards through it succeed.
    @discardableResult
    func waitUntilServing(_ nodes: [Node]? = nil, seconds: Double = 30, _ location: SourceLocation = #_sourceLocation) -> Bool {
        let deadline = Deadline(seconds)
        for node in nodes ?? self.nodes {
            let isSettled = deadline.wait { process(node)?.poll() != nil || isServing(node) }
            guard isSettled, process(node)?.poll() == nil else {
                fail("\(node.name) does not serve after \(seconds) s:\n\(lastLines(node))", location)
                return false
            }
        }
        return true
    }

    private func isServing(_ node: Node) -> Bool {
        guard var client = try? RESPClient(node.client, seconds: 2) else { return false }
        guard (try? client.ask(["PING"])) == .simple("PONG") else { return false }
        return ["a", "b"].allSatisfy { (try? client.ask(["SET", "\($0):ready:\(node.name)", "yes"])) == .ok }
    }

    func status(_ node: Node) -> NodeStatus? {
        NodeStatus.ask(node.client)
    }

    /// The node that leads a shard, as any node that answers says.
    func leader(of shard: String) -> Node? {
        for node in nodes {
            let leader = status(node)?.shards.first { $0.name == shard }?.leader
            if let found = nodes.first(where: { $0.name == leader }) { return found }
        }
        return nil
    }

    /// Lines in which a node says that it broke.
    func crashLines() -> [String] {
        let signs = ["invariant violated", "Fatal error", "Crash:", "Segmentation fault", "Program crashed"]
        return nodes.flatMap { node in
            logText(of: node).split(separator: "\n").filter { line in signs.contains { line.contains($0) } }.map { "\(node.name): \($0)" }
        }
    }

    /// Every database file of a node.
    func databases(of node: Node) -> [String] {
        let all = FileManager.default.enumerator(atPath: data(of: node))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".sqlite") }.sorted().map { data(of: node) + "/" + $0 }
    }

    /// Asks the `sqlite3` shell whether each database of each node is whole.
    func expectIntegrity(_ location: SourceLocation = #_sourceLocation) throws {
        guard let sqlite = Program.path(of: "sqlite3") else {
            print("no sqlite3 shell: integrity is not checked")
            return
        }
        for node in nodes {
            let files = databases(of: node)
            expect(files.count >= 4, "\(node.name) has only \(files)", location)
            for file in files {
                let result = try Program.run([sqlite, "-cmd", ".timeout 10000", file, "PRAGMA integrity_check"], seconds: 60)
                expect(result.output == "ok\n", "\(file): \(result)", location)
            }
        }
    }
}
