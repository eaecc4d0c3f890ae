import KeyValue
import Paxos
import Replica
import Testing

@Suite("When a leader proposes what has gathered")
struct ProposalPacingTests {
    private let near = NodeID(rawValue: 2)
    private let far = NodeID(rawValue: 3)

    @Test func nobodyIsNearWhoWasNeverHeard() {
        #expect(!ProposalPacing().areNear([near, far], atLeast: 1))
    }

    @Test func aQuorumIsNearWithTheNearestOfItsPeers() {
        var pacing = ProposalPacing()
        pacing.heard(from: near, after: .milliseconds(1))
        pacing.heard(from: far, after: .milliseconds(60))
        #expect(pacing.areNear([near, far], atLeast: 1))
        #expect(!pacing.areNear([near, far], atLeast: 2))
        #expect(!pacing.areNear([far], atLeast: 1), "the near one has not answered lately")
    }

    @Test func waitingIsNotDistance() {
        var pacing = ProposalPacing()
        pacing.heard(from: near, after: .milliseconds(1))
        for _ in 0..<100 { pacing.heard(from: near, after: .milliseconds(20)) }
        #expect(pacing.areNear([near], atLeast: 1))
    }

    @Test func aPeerThatMovesAwayIsFoundOut() {
        var pacing = ProposalPacing()
        pacing.heard(from: near, after: .milliseconds(1))
        for _ in 0...200 { pacing.heard(from: near, after: .milliseconds(20)) }
        #expect(!pacing.areNear([near], atLeast: 1))
    }

    @Test func aBatchIsNoLongerThanOthersCanWaitFor() throws {
        let shard = try LoneShard()
        #expect(shard.ask(.set(key: [1], value: [1], condition: .always, returnsPrevious: false)) != nil)
        var answered = 0
        for number in 0..<1500 {
            let mutation = Mutation.set(key: [UInt8(number % 256)], value: [1], condition: .always, returnsPrevious: false)
            shard.server.execute(.mutation(mutation), isLocal: false) { _ in answered += 1 }
        }
        shard.run()
        #expect(answered == 1500)
        #expect(shard.applied.max() == ProposalPacing.batchMax)
    }
}
