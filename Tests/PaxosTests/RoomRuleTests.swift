import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// Where disks are full.
@Suite struct RoomRuleTests {
    private func makeBench() throws -> Bench {
        var bench = try Bench()
        try bench.elect(n1)
        try bench.beat(n1, times: 30)
        bench.pass(.milliseconds(1))
        return bench
    }

    /// The leader hears of its followers' disks before it looks at its own.
    private func setRoom(_ hasRoom: Bool, at nodes: [NodeID], _ bench: inout Bench) throws {
        for node in nodes { bench.step(node, .roomChanged(hasRoom: hasRoom)) }
        bench.step(n1, .confirmationWanted)
        try bench.settle()
    }

    @Test func leadershipGoesWhereThereIsRoom() throws {
        var bench = try makeBench()
        for index in bench.groups.indices { bench.groups[index].preferredLeader = n1 }
        try setRoom(false, at: [n1, n2], &bench)
        try bench.live(4)
        #expect(bench[n3].isReadable)
        // Two of three have none: a command would use up a reserve.
        #expect(bench[n3].refusesWrites)
        try setRoom(true, at: [n2], &bench)
        try bench.live(60)
        #expect(bench[n3].isReadable && !bench[n3].refusesWrites)
        // Where it belongs there is room again.
        try setRoom(true, at: [n1], &bench)
        try bench.live(60)
        #expect(bench[n1].isReadable)
    }

    @Test func aLeaderWithoutRoomRefusesWritesWhereNobodyCanTakeOver() throws {
        var bench = try makeBench()
        #expect(!bench[n1].refusesWrites)
        try setRoom(false, at: bench.members, &bench)
        try bench.live(4)
        #expect(bench[n1].isReadable && bench[n1].refusesWrites)
        try setRoom(true, at: bench.members, &bench)
        try bench.live(2)
        #expect(!bench[n1].refusesWrites)
    }

    @Test func oneFollowerWithoutRoomStopsNobody() throws {
        var bench = try makeBench()
        try setRoom(false, at: [n2], &bench)
        try bench.live(4)
        #expect(bench[n1].isReadable && !bench[n1].refusesWrites)
        bench.step(n1, .handoverWanted)
        try bench.live(4)
        #expect(bench[n3].isReadable)
    }
}
