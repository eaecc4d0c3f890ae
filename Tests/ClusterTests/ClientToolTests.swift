import Foundation
import Testing

extension ClusterTests {
    @Suite("answers the clients that people have", .serialized)
    struct ClientTools {
        private static func program(_ name: String) -> String? { Program.path(of: name) }

        private static let hasRedisPy: Bool = {
            guard let python = program("python3"), let result = try? Program.run([python, "-c", "import redis"]) else { return false }
            return result.ending == .exited(0)
        }()

        @Test(.timeLimit(.minutes(3)), .enabled(if: program("redis-cli") != nil, "redis-cli is not installed"))
        func redisCLI() async throws {
            let tool = try #require(Program.path(of: "redis-cli"))
            try await withRunningCluster { cluster in
                for (index, node) in cluster.nodes.enumerated() {
                    for version in ["-2", "-3"] {
                        func ask(_ words: String...) throws -> String {
                            try Program.run([tool, "-h", node.client.host, "-p", "\(node.client.port)", version] + words).output
                        }
                        for shard in ["a", "b"] {
                            let key = "\(shard):cli:\(index)\(version)"
                            cluster.expect(try ask("SET", key, "1") == "OK\n", "SET \(key) through \(node.name)")
                            cluster.expect(try ask("INCR", key) == "2\n", "INCR \(key) through \(node.name)")
                            cluster.expect(try ask("GET", key) == "2\n", "GET \(key) through \(node.name)")
                            cluster.expect(try ask("DEL", key) == "1\n", "DEL \(key) through \(node.name)")
                            cluster.expect(try ask("GET", key) == "\n", "GET of no key through \(node.name)")
                        }
                        let refusal = try ask("SET", "c:nobody", "1")
                        cluster.expect(refusal.hasPrefix("NOSHARD"), "SET of a key of no shard: \(refusal)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(3)), .enabled(if: program("redis-benchmark") != nil, "redis-benchmark is not installed"))
        func redisBenchmark() async throws {
            let tool = try #require(Program.path(of: "redis-benchmark"))
            try await withRunningCluster { cluster in
                for (node, shard) in zip(cluster.nodes, ["a", "b", "a"]) {
                    let target = ["-h", node.client.host, "-p", "\(node.client.port)"]
                    let work = ["-n", "2000", "-c", "20", "-P", "4", "-r", "1000", "-q", "SET", "\(shard):__rand_int__", "value"]
                    let (ending, output) = try Program.run([tool] + target + work, seconds: 60)
                    cluster.expect(ending == .exited(0) && output.contains("requests per second"), "\(node.name): \(ending) \(output)")
                    cluster.expect(!output.contains("Error"), "\(node.name): \(output)")
                }
            }
        }

        @Test(.timeLimit(.minutes(3)), .enabled(if: hasRedisPy, "redis-py is not installed"))
        func redisPy() async throws {
            let python = try #require(Program.path(of: "python3"))
            try await withRunningCluster { cluster in
                for node in cluster.nodes {
                    let arguments = [node.client.host, "\(node.client.port)", node.name]
                    let (ending, output) = try Program.run([python, "-c", Self.script] + arguments, seconds: 60)
                    cluster.expect(ending == .exited(0) && output == "fine\n", "\(node.name): \(ending) \(output)")
                }
            }
        }

        private static let script = """
            import redis, sys
            host, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
            for protocol in (2, 3):
                client = redis.Redis(host=host, port=port, protocol=protocol, decode_responses=True)
                assert client.ping()
                for shard in "ab":
                    key = f"{shard}:py:{name}:{protocol}"
                    assert client.set(key, "1") is True
                    assert client.set(key, "2", nx=True) is None
                    assert client.incr(key) == 2
                    assert client.append(key, "!") == 2
                    assert client.strlen(key) == 2
                    assert client.get(key) == "2!"
                    assert client.getdel(key) == "2!"
                    assert client.get(key) is None
                    assert client.mset({key + ":x": "1", key + ":y": "2"}) is True
                    assert client.mget(key + ":x", key + ":y", key) == ["1", "2", None]
                    found = set(client.scan_iter(match=key + ":*", count=100))
                    assert found == {key + ":x", key + ":y"}, found
                    with client.pipeline(transaction=False) as pipeline:
                        assert pipeline.delete(key + ":x").exists(key + ":x", key + ":y").execute() == [1, 1]
                try:
                    client.set("c:nobody", "1")
                    raise SystemExit("a key of no shard was taken")
                except redis.ResponseError as error:
                    assert str(error).startswith("NOSHARD"), error
            print("fine")
            """

        private func withRunningCluster(_ body: @escaping @Sendable (Cluster) throws -> Void) async throws {
            try await withCluster { cluster in
                try cluster.startAll()
                guard cluster.waitUntilServing(seconds: 60) else { return }
                try body(cluster)
                cluster.expect(cluster.crashLines().isEmpty, "\(cluster.crashLines())")
            }
        }
    }
}
