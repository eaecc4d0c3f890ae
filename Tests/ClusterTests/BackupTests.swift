import Foundation
import Testing

extension ClusterTests {
    @Test(.timeLimit(.minutes(2))) func aBackupHoldsWhatWasAcknowledgedThoughTheNodeThatIsAskedLacksIt() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let (cutOff, others) = (cluster.nodes[2], Array(cluster.nodes.dropLast()))
            cluster.expect(cluster.terminate(cutOff) == .exited(0), "it does not stop:\n\(cluster.lastLines(cutOff))")
            // By its file all peers are elsewhere from now on, so that it hears nothing of the others.
            var moved = try String(contentsOfFile: cluster.configuration, encoding: .utf8)
            for (node, port) in zip(cluster.nodes, FreePorts.pick(3)) {
                moved = moved.replacingOccurrences(of: "peer: \(node.peer)", with: "peer: \(SocketAddress(host: "127.0.0.1", port: port))")
            }
            try moved.write(toFile: cluster.configuration, atomically: true, encoding: .utf8)
            try cluster.start(cutOff)
            cluster.expect(Deadline(30).wait { cluster.status(cutOff) != nil }, "it does not answer:\n\(cluster.lastLines(cutOff))")
            cluster.waitUntilServing(others)
            cluster.expect(try RESPClient.ask(others[0].client, ["SET", "a:kept", "value"]) == .ok, "the write failed")

            let out = cluster.directory + "/backup"
            let (ending, output) = try Program.run([DecreeExecutable.path, "backup", "--endpoint", "\(cutOff.client)", "--out", out])
            cluster.expect(ending == .exited(0) && output.contains("is whole"), "the backup ended with \(ending): \(output)")
            guard let sqlite = Program.path(of: "sqlite3") else { return print("no sqlite3 shell: the backup is not looked into") }
            let rows = try Program.run([sqlite, out + "/shard1.sqlite", "SELECT value FROM keys WHERE key = 'a:kept'"]).output
            cluster.expect(rows == "value\n", "the backup holds '\(rows)'")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aBackupThatCannotBeWrittenSaysWhichFileAndBlamesNoNode() async throws {
        try await withCluster { cluster in
            try cluster.startAll()
            guard cluster.waitUntilServing(seconds: 60) else { return }
            let out = cluster.directory + "/backup"
            // Its files may not grow, as if the disk were full.
            let command = "trap '' XFSZ; ulimit -f 8; exec \"$0\" backup --endpoint \(cluster.nodes[0].client) --out '\(out)'"
            let (ending, output) = try Program.run(["sh", "-c", command, DecreeExecutable.path])
            cluster.expect(ending == .exited(74), "the backup ended with \(ending): \(output)")
            let complaint = "decree: can't write \(out)/shard1.sqlite.part: File too large"
            cluster.expect(output.contains(complaint) && !output.contains("no node"), "no line '\(complaint)': \(output)")
            cluster.expect(!FileManager.default.fileExists(atPath: out), "something is left in \(out)")
        }
    }
}
