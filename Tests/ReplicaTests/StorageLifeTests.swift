import KeyValue
import Paxos
import Replica
import Testing

@Suite("A shard and its disk")
struct StorageLifeTests {
    private func set(_ key: String) -> Mutation {
        .set(key: [UInt8](key.utf8), value: [1], condition: .always, returnsPrevious: false)
    }

    @Test func aFullDiskTakesDeletesOnly() throws {
        let shard = try LoneShard()
        shard.run()
        #expect(shard.ask(set("a")) == .outcome(.set(isApplied: true, previous: nil)))
        shard.tell(.roomChanged(hasRoom: false))
        #expect(!shard.server.report.hasRoom)
        guard case .failed(.diskFull) = shard.ask(set("b")) else { return #expect(Bool(false), "a write was let in without room") }
        guard case .failed(.diskFull) = shard.ask(.increment(key: [1], by: 1)) else { return #expect(Bool(false), "as was this one") }
        #expect(shard.ask(.delete(keys: [[UInt8]("a".utf8)])) == .outcome(.integer(1)))
        shard.tell(.roomChanged(hasRoom: true))
        #expect(shard.ask(set("b")) == .outcome(.set(isApplied: true, previous: nil)), "it recovers by itself")
    }

    @Test func theLogIsGivenUpButForItsTail() throws {
        var limits = ShardLimits()
        limits.logTailSlots = 3
        let shard = try LoneShard(limits: limits)
        shard.run()
        for number in 0..<10 { _ = shard.ask(set("\(number)")) }
        let chosen = shard.server.report.chosenUpTo
        shard.tell(.tableDurable(upTo: chosen))
        #expect(shard.compactions.last?.upTo == chosen.advanced(by: -3))
        #expect(shard.compactions.last?.durable == chosen)
        #expect(shard.server.report.compactedUpTo == chosen.advanced(by: -3))
        shard.hear(.snapshotWanted(SnapshotRequest(atLeast: 1, slot: chosen.rawValue - 5, offset: 0)), from: 2)
        for number in 0..<10 { _ = shard.ask(set("\(number)")) }
        shard.tell(.tableDurable(upTo: shard.server.report.chosenUpTo))
        #expect(shard.server.report.compactedUpTo == chosen.advanced(by: -3), "who takes a snapshot will want what is behind it")
    }

    @Test func aLostTableComesFromAPeer() throws {
        let shard = try LoneShard(nodes: 3, awaiting: Slot(100))
        shard.run()
        let request = SnapshotRequest(atLeast: 100, slot: 0, offset: 0)
        #expect(shard.sent.last { $0.message == .snapshotWanted(request) } != nil)
        #expect(shard.server.report.fetching?.byteCount == 0)
        let asked = try #require(shard.sent.last).to.rawValue
        let chunk = SnapshotChunk(slot: 120, byteCount: 3, hash: 7, offset: 0, bytes: [1, 2, 3])
        shard.hear(.snapshotChunk(chunk), from: asked)
        #expect(shard.snapshotCalls == ["store 120 at 0"])
        shard.tell(.snapshotStored(slot: Slot(120), upTo: 3))
        #expect(shard.snapshotCalls.last == "install 120 through 100")
        shard.tell(
            .snapshotInstalled(
                InstalledSnapshot(
                    slot: Slot(120), appliedUpTo: Slot(120), stamp: .zero, configurations: [],
                    membership: Membership(stage: .born, genesis: []))))
        #expect(shard.server.report.appliedUpTo == Slot(120))
        #expect(shard.server.report.fetching == nil)
        let calls = shard.snapshotCalls.count
        shard.run(for: .milliseconds(20_000))
        #expect(shard.snapshotCalls.count == calls, "nothing is asked where nothing is wanted")
    }

    @Test func aRefusedSnapshotIsFetchedFromAnother() throws {
        let shard = try LoneShard(nodes: 3, awaiting: Slot(100))
        shard.run()
        let asked = try #require(shard.sent.last).to
        let chunk = SnapshotChunk(slot: 120, byteCount: 3, hash: 7, offset: 0, bytes: [1, 2, 3])
        shard.hear(.snapshotChunk(chunk), from: asked.rawValue)
        shard.tell(.snapshotStored(slot: Slot(120), upTo: 3))
        shard.tell(.snapshotRefused(slot: Slot(120), "a bit has flipped"))
        #expect(shard.problems == [.snapshotRefused(Slot(120), "a bit has flipped")])
        #expect(shard.sent.last.map { $0.to != asked } == true)
    }

    @Test func snapshotsAreMadeAndReadForABackup() throws {
        let shard = try LoneShard()
        shard.run()
        var made: AdministrationReply?
        shard.server.administer(.makeSnapshot) { made = $0 }
        #expect(shard.snapshotCalls == ["offer 0 fresh"])
        let offer = SnapshotOffer(slot: Slot(9), byteCount: 7, hash: 3)
        shard.tell(.snapshotOffered(offer))
        #expect(made == .snapshot(offer))
        #expect(shard.server.report.newestSnapshot == offer)
        var read: AdministrationReply?
        shard.server.administer(.readSnapshot(slot: Slot(9), offset: 0)) { read = $0 }
        let token: UInt64 = 1 << 63 + 1
        #expect(shard.snapshotCalls.last == "read 9 at 0 for \(token)")
        let chunk = SnapshotChunk(slot: 9, byteCount: 7, hash: 3, offset: 0, bytes: [1, 2, 3, 4, 5, 6, 7])
        shard.tell(.snapshotRead(SnapshotPiece(token: token, slot: Slot(9), offset: 0), chunk))
        #expect(read == .bytes(chunk.bytes))
        shard.server.administer(.readSnapshot(slot: Slot(8), offset: 0)) { read = $0 }
        shard.tell(.snapshotRead(SnapshotPiece(token: token + 1, slot: Slot(8), offset: 0), nil))
        #expect(read == .refused("ERR the snapshot at slot 8 is not kept any more: make a new one"))
    }

    @Test func administratorsWaitInABoundedQueue() throws {
        let shard = try LoneShard()
        var replies: [AdministrationReply] = []
        for _ in 0..<9 { shard.server.administer(.makeSnapshot) { replies.append($0) } }
        #expect(replies == [.refused("BUSY shard1 is making or reading other snapshots; try again")])
    }

    @Test func onlyALeaderReplaces() throws {
        let follower = try LoneShard(nodes: 3)
        follower.run()
        #expect(follower.administer(.replace(NodeID(rawValue: 2))) == .notLeader(nil))
        let leader = try LoneShard()
        leader.run()
        guard case .refused(let text) = leader.administer(.replace(NodeID(rawValue: 1))) else { return #expect(Bool(false), "it leads") }
        #expect(text.hasPrefix("ERR the node that leads can't be replaced"))
    }

    @Test func aQuorumsTableHashGoesThroughTheLog() throws {
        let shard = try LoneShard()
        shard.run()
        _ = shard.ask(set("a"))
        let slots = shard.server.report.chosenUpTo
        shard.tell(.hashed(TableHash(slot: slots, value: 5)))
        #expect(shard.server.report.tableHash == TableHash(slot: slots, value: 5))
        #expect(shard.server.report.chosenUpTo > slots, "the agreement is an entry")
        #expect(shard.problems == [])
    }
}
