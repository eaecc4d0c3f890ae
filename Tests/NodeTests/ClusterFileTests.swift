import Foundation
import Node
import Paxos
import Sharding
import Testing

@Suite struct ClusterFileTests {
    private static let good = """
        cluster: demo
        nodes:
          dc1: { datacenter: Datacenter1, peer: 127.0.0.1:7101, client: 127.0.0.1:7001, http: 127.0.0.1:7201 }
          dc2: { datacenter: Datacenter2, peer: 127.0.0.1:7102, client: 127.0.0.1:7002, http: 127.0.0.1:7202 }
          dc3: { datacenter: Datacenter3, peer: 127.0.0.1:7103, client: 127.0.0.1:7003, http: 127.0.0.1:7203 }
        shards:
          shard1: { keys: "a*", leader: dc1 }
          shard2: { keys: "b*", leader: dc2 }

        """

    @Test func theDocumentedFormIsUnderstood() throws {
        let cluster = try ClusterFile.parse(Self.good, file: "cluster.yaml")
        #expect(cluster.name == "demo")
        #expect(cluster.nodes.map(\.name) == ["dc1", "dc2", "dc3"])
        #expect(cluster.nodes.map(\.id.rawValue) == [1, 2, 3])
        #expect(cluster.nodes[1].datacenter == "Datacenter2")
        #expect(cluster.nodes[1].peer == Address(host: "127.0.0.1", port: 7102))
        #expect(cluster.nodes[1].client == Address(host: "127.0.0.1", port: 7002))
        #expect(cluster.nodes[1].http == Address(host: "127.0.0.1", port: 7202))
        #expect(cluster.shards.map(\.name) == ["shard1", "shard2"])
        #expect(cluster.shards.map(\.preferredLeader) == [NodeID(rawValue: 1), NodeID(rawValue: 2)])
        #expect(cluster.shards[1].keys.contains(Array("b:1".utf8)))
        #expect(cluster.settings == ClusterSettings())
    }

    @Test func aNodesNumberIsItsPlaceInTheFile() throws {
        let text = """
            cluster: demo
            nodes:
              zulu: { datacenter: Z, peer: "h:1", client: "h:2" }
              alpha: { datacenter: A, peer: "h:3", client: "h:4" }
            shards: { all: { keys: "*" } }
            """
        let cluster = try ClusterFile.parse(text, file: "cluster.yaml")
        #expect(cluster.node(named: "zulu")?.id == NodeID(rawValue: 1))
        #expect(cluster.node(named: "alpha")?.id == NodeID(rawValue: 2))
    }

    @Test func settingsAreOptional() throws {
        let settings = """
            reads: quorum
            transport: tcp
            limits: { key-bytes: 100, value-bytes: 2KiB, log-slots: 5000, log-bytes: 1GiB, snapshots: 3, disk-reserve: 128MiB }
            request-timeout: 300ms
            staleness: 2m
            """
        let cluster = try ClusterFile.parse(Self.good + settings, file: "cluster.yaml")
        #expect(cluster.settings.reads == .quorum)
        #expect(cluster.settings.transport == .tcp)
        #expect(cluster.settings.keyBytesMax == 100)
        #expect(cluster.settings.valueBytesMax == 2048)
        #expect(cluster.settings.logSlots == 5000)
        #expect(cluster.settings.logBytesMax == 1 << 30)
        #expect(cluster.settings.snapshotsMax == 3)
        #expect(cluster.settings.diskReserveBytes == 128 << 20)
        #expect(cluster.settings.requestTimeout == .milliseconds(300))
        #expect(cluster.settings.stalenessMax == .milliseconds(120_000))
    }

    /// What is replaced in the good file, by what, and the one line that this must give.
    @Test(arguments: [
        ("cluster: demo\n", "", "cluster.yaml:1: 'cluster' is missing"),
        ("cluster: demo", "clustr: demo", "cluster.yaml:1: clustr: is not known here: did you mean 'cluster'?"),
        (
            "cluster: demo", "cluster: a b",
            "cluster.yaml:1: cluster: a name is 1 to 64 letters, digits, '-' and '_', and does not start with '-'"
        ),
        ("cluster: demo", "cluster: [demo]", "cluster.yaml:1: cluster: must be one plain value"),
        (
            "dc2: { datacenter", "dc2: { rack: 7, datacenter",
            "cluster.yaml:4: nodes.dc2.rack: is not known here: the fields are datacenter, peer, client, http"
        ),
        ("dc2: { datacenter", "dc2: { datacentre", "cluster.yaml:4: nodes.dc2.datacentre: is not known here: did you mean 'datacenter'?"),
        (" client: 127.0.0.1:7002,", "", "cluster.yaml:4: nodes.dc2: has no 'client'; add it"),
        (
            "client: 127.0.0.1:7002", "client: 127.0.0.1:70020",
            "cluster.yaml:4: nodes.dc2.client: '127.0.0.1:70020' has no port from 1 to 65535 behind its last colon"
        ),
        (
            "client: 127.0.0.1:7002", "client: 7002",
            "cluster.yaml:4: nodes.dc2.client: '7002' is no address: write HOST:PORT, or [HOST]:PORT for IPv6"
        ),
        (
            "peer: 127.0.0.1:7103", "peer: 127.0.0.1:7002",
            "cluster.yaml:5: nodes.dc3.peer: 127.0.0.1:7002 is also nodes.dc2.client; each needs its own port"
        ),
        ("  dc3:", "  dc1:", "cluster.yaml:3: 'dc1' stands twice in one place; keep one of them"),
        ("  dc3:", "  dc/3:", "cluster.yaml:5: nodes.dc/3: a name is 1 to 64 letters, digits, '-' and '_', and does not start with '-'"),
        ("  shard2:", "  shard1:", "cluster.yaml:7: 'shard1' stands twice in one place; keep one of them"),
        ("leader: dc2", "leader: dc9", "cluster.yaml:8: shards.shard2.leader: there is no node 'dc9': the nodes are dc1, dc2, dc3"),
        (
            "\"b*\"", "\"ab*\"", "cluster.yaml:8: shards.shard2.keys: 'ab*' overlaps 'a*' of shard1; a key may belong to one shard only"
        ),
        (
            "\"b*\"", "b",
            "cluster.yaml:8: shards.shard2.keys: 'b' is no range of keys: write a prefix 'x*', a range 'from..to', or '*' for every key"
        ),
        (
            "\"b*\"", "d..b",
            "cluster.yaml:8: shards.shard2.keys: 'd..b' holds no key: what stands before '..' must sort before what stands after it"
        ),
        ("{ keys: \"b*\", leader: dc2 }", "b*", "cluster.yaml:8: shards.shard2: must have fields, as 'name: value' or { name: value }"),
        (
            "leader: dc2 }\n", "leader: dc2\n",
            "cluster.yaml:9: no valid YAML: while parsing a flow mapping in line 8: did not find expected ',' or '}'"
        ),
        (
            "nodes:\n", "nodes:\n\t",
            "cluster.yaml:3: no valid YAML: while scanning for the next token in line 3: found character that cannot start any token"
        ),
        ("\"b*\"", "*b", "cluster.yaml:8: no valid YAML: found undefined alias; write a value that begins with * in quotes"),
        (
            "shards:", "durability: low\nshards:",
            "cluster.yaml:6: durability: is not known here: the fields are "
                + "cluster, nodes, shards, reads, transport, request-timeout, staleness, limits"
        ),
        ("shards:", "reads: fast\nshards:", "cluster.yaml:6: reads: 'fast' is not known: write lease or quorum"),
        ("shards:", "transport: carrier pigeon\nshards:", "cluster.yaml:6: transport: 'carrier pigeon' is not known: write udp or tcp"),
        ("shards:", "request-timeout: 5\nshards:", "cluster.yaml:6: request-timeout: '5' is no time from 10ms to 600s, as in 300ms or 5s"),
        (
            "shards:", "limits: { key-bytes: 4KB }\nshards:",
            "cluster.yaml:6: limits.key-bytes: '4KB' is no size from 1 to 65535 bytes, as in 2048 or 2KiB"
        ),
        (
            "shards:", "limits: { disk-reserve: 9999999999999999999GiB }\nshards:",
            "cluster.yaml:6: limits.disk-reserve: '9999999999999999999GiB' is no size from 1048576 to 1099511627776 bytes, "
                + "as in 2048 or 2KiB"
        ),
        (
            "shards:", "limits: { snapshots: 0 }\nshards:",
            "cluster.yaml:6: limits.snapshots: '0' is no whole number from 1 to 100"
        ),
        (
            "shards:", "limits: { keys: 4 }\nshards:",
            "cluster.yaml:6: limits.keys: is not known here: the fields are key-bytes, value-bytes, log-slots, log-bytes, snapshots, disk-reserve"
        ),
    ])
    func aMistakeGivesOneClearLine(replaced: String, by replacement: String, line: String) throws {
        let start = try #require(Self.good.range(of: replaced), "'\(replaced)' stands in the good file")
        let text = Self.good.replacingCharacters(in: start, with: replacement)
        expect(text, gives: line)
    }

    @Test func anEmptyFileIsRefused() {
        expect("", gives: "cluster.yaml: is empty; a cluster file has cluster, nodes and shards")
        expect("# later\n", gives: "cluster.yaml: is empty; a cluster file has cluster, nodes and shards")
    }

    @Test func aFileWithoutNodesOrShardsIsRefused() {
        expect("cluster: demo\nnodes: {}\nshards: {}\n", gives: "cluster.yaml:2: nodes: a cluster has 1 to 15 nodes, this one has 0")
        expect("cluster: demo\n", gives: "cluster.yaml:1: 'nodes' is missing")
        expect("just words", gives: "cluster.yaml:1: must have fields, as 'name: value' or { name: value }")
    }

    @Test func aFileThatIsNotThereIsNamed() {
        #expect(throws: ConfigurationProblem(file: "/no/such.yaml", line: nil, text: "can't be read: No such file or directory")) {
            try ClusterFile.load(path: "/no/such.yaml")
        }
        #expect(throws: ConfigurationProblem(file: "/", line: nil, text: "can't be read: is it a file?")) {
            try ClusterFile.load(path: "/")
        }
    }

    private func expect(_ text: String, gives line: String) {
        do {
            _ = try ClusterFile.parse(text, file: "cluster.yaml")
            Issue.record("was accepted; expected: \(line)")
        } catch {
            #expect("\(error)" == line)
        }
    }
}
