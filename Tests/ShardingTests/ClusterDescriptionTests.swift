import Paxos
import Sharding
import Testing

@Suite struct ClusterDescriptionTests {
    private func cluster(_ shards: [(name: String, keys: String)]) throws -> ClusterDescription {
        let node = NodeDescription(
            id: NodeID(rawValue: 1), name: "dc1", datacenter: "Datacenter1", peer: Address(host: "127.0.0.1", port: 7101),
            client: Address(host: "127.0.0.1", port: 7001), http: nil)
        let shards = try shards.map { name, keys in
            ShardDescription(id: ShardID(name: name), name: name, keys: try KeyRange(text: keys), preferredLeader: nil)
        }
        return ClusterDescription(name: "demo", nodes: [node], shards: shards, settings: ClusterSettings())
    }

    @Test func aKeyGoesToTheShardWhoseRangeHoldsIt() throws {
        let shards = [("s9", "x..z"), ("s3", "c*"), ("s1", "a*"), ("s2", "b..bm"), ("s5", #"\xff*"#), ("s0", "..0")]
        let cluster = try cluster(shards)
        try cluster.validate()
        let keys =
            ["", "/", "0", "a", "a1", "b", "bl", "bm", "c", "cc", "d", "w", "x", "yz", "z", "zz"].map { Array($0.utf8) } + [[0xFF, 1]]
        for key in keys {
            let expected = cluster.shards.firstIndex { $0.keys.contains(key) }
            #expect(cluster.ordinal(owning: key) == expected, "\(KeyText.quoted(key))")
        }
        #expect(cluster.ordinal(owning: Array("bz".utf8)) == nil)
        #expect(cluster.ordinal(owning: [0xFF, 1]).map { cluster.shards[$0].name } == "s5")
    }

    @Test func anUnownedKeyIsToldWhichShardsThereAre() throws {
        let cluster = try cluster([("shard2", "b*"), ("shard1", "a*")])
        #expect(cluster.textForUnowned(Array("foo".utf8)) == "no shard owns 'foo': shard1 a*, shard2 b*")
        #expect(cluster.textForUnowned([0x0D, 0x0A, 0x61, 0xFF]) == #"no shard owns '\x0d\x0aa\xff': shard1 a*, shard2 b*"#)
    }

    @Test func aMessageAboutAKeyIsBounded() throws {
        let many = (0..<200).map { (name: "s\($0)", keys: "k\($0 + 1000)*") }
        let text = try cluster(many).textForUnowned([UInt8](repeating: 0, count: 4096))
        #expect(text.utf8.count < 700)
        #expect(text.hasSuffix(", and 184 more"))
    }

    @Test func aKeyOfTwoShardsIsRefused() throws {
        let problem = ClusterProblem(
            field: "shards.shard2.keys", text: "'ab*' overlaps 'a*' of shard1; a key may belong to one shard only")
        #expect(throws: problem) { try cluster([("shard2", "ab*"), ("shard1", "a*")]).validate() }
    }

    @Test func twoNamesForOneNumberAreRefused() throws {
        let shards = ["one", "other"].enumerated().map { place, name in
            ShardDescription(
                id: ShardID(rawValue: 7), name: name, keys: KeyRange(lower: [UInt8(place)], upper: [UInt8(place) + 1], text: name),
                preferredLeader: nil)
        }
        let whole = ClusterDescription(name: "demo", nodes: try cluster([]).nodes, shards: shards, settings: ClusterSettings())
        let problem = ClusterProblem(
            field: "shards.other", text: "its name stands for the same number as that of 'one'; choose another name")
        #expect(throws: problem) { try whole.validate() }
    }

    @Test func aShardsNumberNeverChanges() {
        #expect(ShardID(name: "shard1") == ShardID(rawValue: 2_810_770_294))
        #expect(ShardID(name: "shard2") != ShardID(name: "shard1"))
    }

    @Test(arguments: ["", "a b", "../x", "-x", "ü", ".", String(repeating: "x", count: 65)])
    func aNameThatCouldNotBeADirectoryIsRefused(name: String) throws {
        #expect(throws: ClusterProblem.self) { try cluster([(name, "*")]).validate() }
    }

    @Test(arguments: [("127.0.0.1:7001", "127.0.0.1", 7001), ("[::1]:80", "::1", 80), ("db.example.org:65535", "db.example.org", 65535)])
    func anAddressIsAHostAndAPort(text: String, host: String, port: Int) throws {
        let address = try Address(text: text)
        #expect(address == Address(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: ["", "7001", ":7001", "a:0", "a:65536", "a:-1", "a:+1", "a:x", "::1:80", "a b:1", "[]:1", "a:"])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(throws: Address.Problem.self) { try Address(text: text) }
    }
}
