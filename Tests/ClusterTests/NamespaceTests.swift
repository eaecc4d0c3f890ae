import Foundation
import Testing

extension ClusterTests {
    /// Each node in a network namespace of its own, so that what passes between them can be filtered.
    @Test(
        "goes on over TCP where UDP does not get through, and says so", .timeLimit(.minutes(5)),
        .enabled(if: Namespaces.areAvailable, "needs root, ip and nft"))
    func withoutUDP() async throws {
        let namespaces = try Namespaces()
        defer { namespaces.remove() }
        try await withCluster(try Cluster(nodes: namespaces.nodes)) { cluster in
            try cluster.startAll()
            let nodes = cluster.nodes
            cluster.expect(namespaces.waitForWrites(through: nodes, seconds: 60), "no writes:\n\(cluster.lastLines(nodes[0]))")
            cluster.expect(namespaces.waitForPaths("udp", nodes, seconds: 30), "not over UDP: \(namespaces.paths(nodes))")

            // Asked of their leader, commands are not forwarded: what is counted is the group's own.
            cluster.expect(namespaces.waitUntilLeads(nodes[0], "shard1", seconds: 30), "dc1 does not lead shard1")
            let before = namespaces.traffic(nodes)
            for _ in 0..<50 { cluster.expect(namespaces.write("small", ["a"], through: nodes[0]), "a small write") }
            let small = namespaces.traffic(nodes)
            let value = String(repeating: "x", count: 60_000)
            for _ in 0..<50 { cluster.expect(namespaces.write(value, ["a"], through: nodes[0]), "a large write") }
            let large = namespaces.traffic(nodes)
            print("50 small writes: \(small - before); 50 large ones: \(large - small)")
            cluster.expect(small.datagrams - before.datagrams >= 200, "small messages do not go by UDP: \(small - before)")
            cluster.expect(small.streamed - before.streamed < 50, "small messages go by TCP: \(small - before)")
            cluster.expect(large.streamed - small.streamed >= 100, "large messages do not go by TCP: \(large - small)")

            try namespaces.dropUDP()
            cluster.expect(namespaces.waitForPaths("tcp", nodes, seconds: 30), "status does not say so: \(namespaces.paths(nodes))")
            cluster.expect(namespaces.waitForWrites(through: nodes, seconds: 10), "no writes over TCP")
            let streamed = namespaces.traffic(nodes).streamed
            for _ in 0..<50 { cluster.expect(namespaces.write("small", through: nodes[1]), "a write over TCP") }
            cluster.expect(namespaces.traffic(nodes).streamed - streamed >= 100, "small messages do not go by TCP")

            try namespaces.letUDP()
            cluster.expect(namespaces.waitForPaths("udp", nodes, seconds: 60), "not back to UDP: \(namespaces.paths(nodes))")
            cluster.expect(namespaces.waitForWrites(through: nodes, seconds: 10), "no writes over UDP again")
            cluster.expect(cluster.crashLines().isEmpty, "\(cluster.crashLines())")
        }
    }
}
