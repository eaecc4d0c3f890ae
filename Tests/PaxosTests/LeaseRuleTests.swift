import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// From when on time is counted: always from the moment at which the one who counts asked.
@Suite struct LeaseRuleTests {
    /// A leader's heartbeats of this moment, taken from the mail before they arrive.
    private func heartbeats(of leader: NodeID, _ bench: inout Bench) -> [Envelope] {
        bench.pass(bench.settings.heartbeatInterval)
        bench.mail = []
        bench.tick(leader)
        defer { bench.mail = [] }
        return bench.mail
    }

    @Test func aLeaseIsCountedFromTheSendingOfItsRequest() throws {
        var bench = try Bench()
        try bench.elect(n1)
        let words = heartbeats(of: n1, &bench)
        let sentAt = bench.now
        bench.pass(.milliseconds(200))
        for envelope in words { bench.step(envelope.to.node, .received(envelope)) }
        try bench.settle()
        let end = sentAt + bench.settings.lease
        #expect(bench[n1].leaseHolds(at: end - .milliseconds(1)))
        #expect(!bench[n1].leaseHolds(at: end))
    }

    @Test func stalenessIsCountedFromTheSendingOfTheProbe() throws {
        var bench = try Bench()
        try bench.elect(n1)
        try bench.beat(n1, times: 2)
        let probedAt = bench.now
        let words = heartbeats(of: n1, &bench)
        bench.pass(.milliseconds(200))
        for envelope in words { bench.step(envelope.to.node, .received(envelope)) }
        #expect(bench[n2].staleness(at: bench.now) == bench.now - probedAt)
    }

    @Test func aGranterPromisesNobodyElseWhileItsGrantLasts() throws {
        var bench = try Bench()
        try bench.elect(n1)
        let leader = Ballot(round: 1, node: n1)
        let other = Ballot(round: 7, node: n3)
        let prepare = Message.prepare(Prepare(ballot: other, from: Slot(1), released: nil))
        bench.pass(bench.settings.patience - .milliseconds(1))
        bench.hear(prepare, from: n3, at: n2)
        #expect(bench[n2].promised == leader)
        bench.pass(.milliseconds(1))
        bench.hear(prepare, from: n3, at: n2)
        #expect(bench[n2].promised == other)
    }

    @Test func aHandoverGivesTheLeaseUpFirst() throws {
        var bench = try Bench()
        try bench.elect(n1)
        try bench.beat(n1, times: 2)
        #expect(bench[n1].leaseHolds(at: bench.now))
        bench.step(n1, .handoverWanted)
        #expect(bench.mail.contains { if case .handover = $0.message { true } else { false } })
        #expect(bench[n1].leads == nil)
        #expect(!bench[n1].leaseHolds(at: bench.now))
    }
}
