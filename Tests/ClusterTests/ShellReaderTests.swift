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

    /// A transaction that somebody has left open stops one replica, and its log says whose it is; the group goes on.
    @Test(
        "names the sqlite3 shell that is in the way of a replica, and goes on when it has left", .timeLimit(.minutes(3)),
        .enabled(if: Program.path(of: "sqlite3") != nil, "no sqlite3 shell"))
    func shellsAreNamed() async throws {
        let sqlite = try #require(Program.path(of: "sqlite3"))
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let (client, node) = (cluster.nodes[0].client, cluster.nodes[2])
            let ledger = try #require(cluster.databases(of: node).first { $0.contains("/shard1/ledger") })
            let table = try #require(cluster.databases(of: node).first { $0.contains("/shard1/table") })
            // What a write-ahead log may grow to beside a reader is written with a few large values.
            let (small, large) = ("value", String(repeating: "v", count: 1_000_000))
            for (file, statements, value, says) in [
                (ledger, "BEGIN IMMEDIATE; SELECT 1;", small, "is locked by"),
                (table, "BEGIN IMMEDIATE; SELECT 1;", small, "is locked by"),
                (ledger, "BEGIN; SELECT count(*) > 0 FROM log;", large, "has a write-ahead log that can't be begun anew:"),
            ] {
                let shell = try Shell(sqlite, file)
                cluster.expect(try shell.row(statements) == "1", "the shell has no transaction")
                let line = "shard1: \(file) \(says) process \(shell.identifier) (sqlite3)"
                var writes = 0
                let isNamed = Deadline(60).wait {
                    writes += 1
                    let reply = try? RESPClient.ask(client, ["SET", "a:key", value], seconds: 20)
                    cluster.expect(reply == .ok, "write \(writes) beside the shell: \(String(describing: reply))")
                    return cluster.logText(of: node).contains(line)
                }
                cluster.expect(isNamed, "no '\(line)' after \(writes) writes:\n\(cluster.lastLines(node))")
                try shell.leave()
                cluster.waitUntilServing()
            }
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
