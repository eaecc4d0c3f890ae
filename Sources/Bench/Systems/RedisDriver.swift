import Foundation

/// A server that syncs each write before it answers; with replicas, each write waits for one of them as well.
package struct RedisDriver: SystemDriver {
    package let name: String
    package let program = "redis-server"
    package let peer = LoadSettings.Peer.redis
    package let endpoints: [Endpoint]
    package let writableNodes = 0..<1
    package let waitFor: Int
    package let failsOver = false

    package init(port: Int, replicas: Int) {
        name = replicas > 0 ? "Redis, WAIT 1" : "Redis"
        endpoints = (0...replicas).map { Endpoint(host: "127.0.0.1", port: port + $0) }
        waitFor = replicas > 0 ? 1 : 0
    }

    package func prepare(_ directory: String) throws(BenchFailure) {
        do {
            for node in endpoints.indices {
                try FileManager.default.createDirectory(atPath: "\(directory)/data\(node + 1)", withIntermediateDirectories: true)
            }
        } catch {
            throw BenchFailure("can't make \(directory): \(error.localizedDescription)")
        }
    }

    package func command(_ node: Int, _ directory: String) -> [String] {
        let master = ["--replicaof", "127.0.0.1", String(endpoints[0].port)]
        let durability = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--repl-diskless-sync-delay", "0"]
        return [program, "--port", String(endpoints[node].port), "--bind", "127.0.0.1", "--dir", "\(directory)/data\(node + 1)"]
            + durability
            + (node > 0 ? master : [])
    }

    package func leader() -> Int? { position(0).map { _ in 0 } }

    package func position(_ node: Int) -> UInt64? {
        guard var server = try? Server(endpoints[node], timeout: 1), let answer = try? server.ask(["INFO", "replication"]) else {
            return nil
        }
        var fields: [Substring: Substring] = [:]
        for line in String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(separator: ":", maxSplits: 1)
            if words.count == 2 { fields[words[0]] = words[1] }
        }
        if node > 0, fields["master_link_status"] != "up" { return nil }
        return fields[node > 0 ? "slave_repl_offset" : "master_repl_offset"].flatMap { UInt64($0) }
    }
}
