import KeyValue
import Paxos
import Replica
import Sharding
import Testing

/// A router over shards that answer by recipe, so that what was asked of which shard can be seen.
@Suite struct RouterTests {
    private final class Shard: CommandExecutor {
        var asked: [Command] = []
        var answer: (Command) -> ServiceReply = { _ in .outcome(.done) }

        func execute(_ command: Command, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
            asked.append(command)
            completion(answer(command))
        }

        var tasks: [ShardTask] = []
        var reply = AdministrationReply.done

        func administer(_ task: ShardTask, completion: @escaping (AdministrationReply) -> Void) {
            tasks.append(task)
            completion(reply)
        }
    }

    private static let node = NodeDescription(
        id: NodeID(rawValue: 1), name: "dc1", datacenter: "D", peer: Address(host: "h", port: 1), client: Address(host: "h", port: 2),
        http: nil)

    private final class Describer: NodeDescriber {
        func statusJSON() -> String { "{}" }
        func info() -> [(section: String, fields: [(String, String)])] { [] }
    }

    /// What a request for a shard comes to.
    private func administer(_ request: AdministrationRequest) -> AdministrationReply? {
        var reply: AdministrationReply?
        router.administer(request) { reply = $0 }
        return reply
    }

    @Test func anOperatorsRequestGoesToItsShard() {
        #expect(administer(.makeSnapshot(shard: "shard2")) == .done)
        #expect(second.tasks == [.makeSnapshot])
        #expect(first.tasks.isEmpty)
        #expect(administer(.readSnapshot(shard: "shard1", slot: 5, offset: 6)) == .done)
        #expect(first.tasks == [.readSnapshot(slot: Slot(5), offset: 6)])
        #expect(administer(.makeSnapshot(shard: "shard3")) == .refused("ERR there is no shard of that name: the shards are shard1, shard2"))
    }

    @Test func whoLeadsIsNamed() {
        let reply = administer(.replace(shard: "shard1", node: "dc9"))
        #expect(reply == .refused("ERR there is no node of that name: the nodes are dc1"))
        first.reply = .notLeader(NodeID(rawValue: 1))
        #expect(administer(.replace(shard: "shard1", node: "dc1")) == .refused("NOTLEADER shard1 is led by dc1: ask there"))
        first.reply = .notLeader(nil)
        #expect(administer(.replace(shard: "shard1", node: "dc1")) == .refused("NOTLEADER shard1 has no leader; try again"))
    }

    private let first = Shard()
    private let second = Shard()
    private let router: Router

    init() throws {
        let shards = try [("shard1", "a*"), ("shard2", "b*")].map { name, keys in
            ShardDescription(id: ShardID(name: name), name: name, keys: try KeyRange(text: keys), preferredLeader: nil)
        }
        let cluster = ClusterDescription(name: "demo", nodes: [Self.node], shards: shards, settings: ClusterSettings())
        router = Router(cluster: cluster, shards: [first, second], describer: Describer(), random: { 3 })
    }

    private func reply(to request: ServiceRequest) -> ServiceReply? {
        var replies: [ServiceReply] = []
        router.execute(request) { replies.append($0) }
        #expect(replies.count == 1, "answered exactly once")
        return replies.first
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func aCommandForOneKeyGoesToItsShardAsItIs() {
        let command = Command.mutation(.increment(key: bytes("b1"), by: 2))
        second.answer = { _ in .outcome(.integer(5)) }
        #expect(reply(to: .command(command)) == .outcome(.integer(5)))
        #expect(second.asked == [command])
        #expect(first.asked.isEmpty)
    }

    @Test func aKeyOutsideEveryRangeIsToldTheRanges() {
        let failure = ServiceReply.failed(.noShard("no shard owns 'foo': shard1 a*, shard2 b*"))
        #expect(reply(to: .command(.query(.get(key: bytes("foo"))))) == failure)
        #expect(reply(to: .command(.mutation(.delete(keys: [bytes("a"), bytes("foo")])))) == failure)
        #expect(first.asked.isEmpty, "nothing happened")
    }

    @Test func manyKeysOfOneShardStayOneCommand() {
        let command = Command.query(.getMany(keys: [bytes("a1"), bytes("a2")]))
        first.answer = { _ in .outcome(.values([nil, [1]])) }
        #expect(reply(to: .command(command)) == .outcome(.values([nil, [1]])))
        #expect(first.asked == [command])
    }

    @Test func valuesOfTwoShardsComeBackInTheOrderAsked() {
        let answer: (Command) -> ServiceReply = { command in
            guard case .query(.getMany(let keys)) = command else { return .outcome(.done) }
            return .outcome(.values(keys))
        }
        (first.answer, second.answer) = (answer, answer)
        let keys = ["b1", "a1", "b2", "a1", "b1"].map(bytes)
        #expect(reply(to: .command(.query(.getMany(keys: keys)))) == .outcome(.values(keys)))
        #expect(first.asked == [.query(.getMany(keys: [bytes("a1"), bytes("a1")]))])
        #expect(second.asked == [.query(.getMany(keys: [bytes("b1"), bytes("b2"), bytes("b1")]))])
    }

    @Test func deletedKeysOfTwoShardsAreAddedUp() {
        first.answer = { _ in .outcome(.integer(1)) }
        second.answer = { _ in .outcome(.integer(2)) }
        let keys = ["a1", "b1", "b2"].map(bytes)
        #expect(reply(to: .command(.mutation(.delete(keys: keys)))) == .outcome(.integer(3)))
        #expect(reply(to: .localQuery(.exists(keys: keys))) == .outcome(.integer(3)))
    }

    @Test func aDeleteOfWhichOnePartMayHaveHappenedIsIndefinite() {
        let command = ServiceRequest.command(.mutation(.delete(keys: ["a1", "b1"].map(bytes))))
        first.answer = { _ in .outcome(.integer(1)) }
        second.answer = { _ in .failed(.unavailable("no leader")) }
        guard case .failed(let failure) = reply(to: command) else { return #expect(Bool(false), "failed") }
        #expect(!failure.isDefinite)
        first.answer = { _ in .failed(.unavailable("no leader")) }
        #expect(reply(to: command) == .failed(.unavailable("no leader")))
    }

    @Test func aReadOfWhichOnePartFailsFailsDefinitely() {
        first.answer = { _ in .outcome(.values([[1]])) }
        second.answer = { _ in .failed(.stale("too old")) }
        #expect(reply(to: .localQuery(.getMany(keys: ["a1", "b1"].map(bytes)))) == .failed(.stale("too old")))
        second.answer = { _ in .outcome(.values([])) }
        guard case .failed(.unavailable) = reply(to: .localQuery(.getMany(keys: ["a1", "b1"].map(bytes)))) else {
            return #expect(Bool(false), "an answer that does not fit is no answer")
        }
    }

    @Test func anAtomicCommandStaysWithinOneShard() {
        let pairs = ["a1", "b1"].map { Mutation.Pair(key: bytes($0), value: []) }
        let text = "an atomic command must stay within one shard, but 'a1' is in shard1 and 'b1' in shard2: send one command for each shard"
        #expect(reply(to: .command(.mutation(.setMany(pairs: pairs)))) == .failed(.crossShard(text)))
        #expect(first.asked.isEmpty && second.asked.isEmpty)
        #expect(reply(to: .command(.mutation(.setMany(pairs: [pairs[0]])))) == .outcome(.done))
    }

    @Test func aScanGoesThroughEveryShardOnce() {
        func answer(_ prefix: String) -> (Command) -> ServiceReply {
            { command in
                guard case .query(.scan(let after, _, _)) = command else { return .outcome(.done) }
                return .outcome(.page(next: after < 2 ? after + 1 : 0, keys: [Array("\(prefix)\(after)".utf8)]))
            }
        }
        (first.answer, second.answer) = (answer("a"), answer("b"))
        var cursor: UInt64 = 0
        var keys: [[UInt8]] = []
        for _ in 0..<6 {
            guard case .outcome(.page(let next, let page)) = reply(to: .scan(cursor: cursor, count: 10, pattern: nil, isLocal: false))
            else { break }
            keys += page
            cursor = next
            if next == 0 { break }
        }
        #expect(keys == ["a0", "a1", "a2", "b0", "b1", "b2"].map(bytes))
        #expect(cursor == 0)
        #expect(reply(to: .scan(cursor: .max, count: 10, pattern: nil, isLocal: false)) == .outcome(.page(next: 0, keys: [])))
    }

    @Test func aCursorFitsASignedNumberAndRowsAreBounded() throws {
        let largest = try #require(ScanCursor(ordinal: 0x7FFF, after: ScanCursor.rowMax))
        #expect(largest.rawValue == UInt64(Int64.max))
        #expect(ScanCursor(rawValue: largest.rawValue) == largest)
        #expect(ScanCursor(ordinal: 0, after: ScanCursor.rowMax + 1) == nil)
    }

    @Test func keysAreCountedOverAllShards() {
        first.answer = { _ in .outcome(.integer(2)) }
        second.answer = { _ in .outcome(.integer(5)) }
        #expect(reply(to: .count(isLocal: false)) == .outcome(.integer(7)))
        second.answer = { _ in .failed(.unavailable("no leader")) }
        #expect(reply(to: .count(isLocal: false)) == .failed(.unavailable("no leader")))
    }

    @Test func aRandomKeyComesFromAShardThatHasKeys() {
        let answer: (Int64) -> (Command) -> ServiceReply = { count in
            { $0 == .query(.count) ? .outcome(.integer(count)) : .outcome(.value([UInt8(count)])) }
        }
        (first.answer, second.answer) = (answer(3), answer(1))
        #expect(reply(to: .randomKey(isLocal: false)) == .outcome(.value([1])), "the fourth of four keys is the second shard's")
        (first.answer, second.answer) = (answer(4), answer(1))
        #expect(reply(to: .randomKey(isLocal: false)) == .outcome(.value([4])))
        (first.answer, second.answer) = (answer(0), answer(0))
        #expect(reply(to: .randomKey(isLocal: false)) == .outcome(.value(nil)))
    }
}
