import Paxos
import Replica
import Testing

@Suite("Replicas compare their tables")
struct TableHashVotesTests {
    private let nodes = [1, 2, 3].map { NodeID(rawValue: $0) }
    private var votes = TableHashVotes()

    private mutating func vote(_ node: Int, _ slot: UInt64, _ hash: UInt64, at milliseconds: Int64 = 0) -> TableHashVotes.Result {
        votes.heard(
            TableHash(slot: Slot(slot), value: hash), from: nodes[node - 1], voters: nodes, quorum: 2,
            at: Instant(nanoseconds: milliseconds * 1_000_000))
    }

    @Test mutating func aQuorumsHashIsToldToAllOnce() {
        #expect(vote(1, 8, 5) == .init())
        #expect(vote(1, 8, 5) == .init(), "nobody votes twice")
        #expect(vote(2, 8, 5).agreement == TableHash(slot: Slot(8), value: 5))
        #expect(vote(3, 8, 5) == .init())
    }

    @Test mutating func whoeverDiffersIsNamedWheneverItVotes() {
        #expect(vote(1, 8, 6) == .init())
        #expect(vote(2, 8, 5) == .init())
        #expect(vote(3, 8, 5) == .init(agreement: TableHash(slot: Slot(8), value: 5), differing: [nodes[0]]))
        #expect(vote(1, 16, 5, at: 2_000) == .init())
        #expect(vote(2, 16, 5, at: 2_000).agreement != nil)
        #expect(vote(3, 16, 7, at: 2_000) == .init(agreement: nil, differing: [nodes[2]]))
    }

    @Test mutating func atMostOneASecondUnlessSomebodyDiffers() {
        _ = vote(1, 8, 5)
        #expect(vote(2, 8, 5).agreement != nil)
        _ = vote(1, 16, 5, at: 10)
        #expect(vote(2, 16, 5, at: 10).agreement == nil)
        #expect(vote(3, 16, 9, at: 20) == .init(agreement: TableHash(slot: Slot(16), value: 5), differing: [nodes[2]]))
    }

    @Test mutating func aMinorityAgreesOnNothing() {
        #expect(vote(1, 8, 1) == .init())
        #expect(vote(2, 8, 2) == .init())
        #expect(vote(3, 8, 3) == .init())
        #expect(votes.heard(TableHash(slot: Slot(8), value: 1), from: NodeID(rawValue: 9), voters: nodes, quorum: 2, at: .zero) == .init())
    }

    @Test mutating func oldSlotsAreForgotten() {
        for slot in 1...UInt64(TableHashVotes.slotsMax) + 4 { _ = vote(1, slot * 8, 1) }
        #expect(vote(2, 8, 1) == .init(), "too old to be kept")
        #expect(vote(2, 20 * 8, 1).agreement != nil)
    }
}
