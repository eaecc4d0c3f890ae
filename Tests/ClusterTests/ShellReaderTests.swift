import Foundation
import Testing

extension ClusterTests {
    /// A shell that leaves checkpoints and deletes the write-ahead log of a database that it believes to be the last user of. It must never
    /// believe so while the node runs; were the node's locks lost, what was acknowledged afterwards would be gone at the next crash.
    @Test(
        "loses nothing to sqlite3 shells that come and go, followed by kill -9 of all", .tags(.long), .timeLimit(.minutes(5)),
        .enabled(if: Program.path(of: "sqlite3") != nil, "no sqlite3 shell"))
    func shellReaders() async throws {
        let sqlite = try #require(Program.path(of: "sqlite3"))
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let load = Load(cluster, clientsPerNode: 2, seed: 5)
            var visits = 0
            for _ in 0..<3 {
                for _ in 0..<3 {
                    for node in cluster.nodes { visits += try visit(sqlite, cluster, node) }
                    cluster.expect(load.waitForProgress(100, seconds: 30), "no progress beside the shells")
                }
                cluster.kill(cluster.nodes)
                try cluster.startAll()
                guard cluster.waitUntilServing(seconds: 60) else { break }
            }
            load.stop()
            print("shells: \(visits) visits")
            try load.expectNothingLost(cluster, "shells")
        }
    }

    /// Reads in every file of a node, each with a shell of its own.
    private func visit(_ sqlite: String, _ cluster: Cluster, _ node: Cluster.Node) throws -> Int {
        let files = cluster.databases(of: node)
        for file in files {
            let view = file.hasSuffix("ledger.sqlite") ? "log_entries" : "keys"
            let query = "SELECT count(*) >= 0 FROM \(view)"
            let result = try Program.run([sqlite, "-cmd", ".timeout 5000", file, query])
            cluster.expect(result.output == "1\n", "\(file): \(result)")
        }
        return files.count
    }
}
