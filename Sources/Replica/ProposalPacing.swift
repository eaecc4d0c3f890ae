package import Paxos

/// When a leader proposes what has gathered. Near its followers it has one batch under way at a time: a sync is so short there that
/// batches would else be small, and each costs every replica a turn, a commit and a message, whatever it holds. Where a quorum is far away
/// a command would wait for another's round trip, and batches follow one another as fast as the own ledger takes them.
package struct ProposalPacing: Hashable {
    /// With a quorum nearer than this, a batch waits for the one before.
    package static let nearMax = Span.milliseconds(3)
    /// Commands of such a batch. More would save next to nothing, and what other shards have to say waits behind it.
    package static let batchMax = 512
    /// A peer's shortest round trip lately; what lengthened the others was waiting, not distance.
    private var roundTrips: [RoundTrip] = []

    private struct RoundTrip: Hashable {
        let node: NodeID
        var shortest: Span
        var samples = 0
    }

    /// So that a peer that has moved away is found out.
    private static let samplesMax = 200

    package init() {}

    /// The heartbeat that `node` answers was sent so long ago.
    package mutating func heard(from node: NodeID, after span: Span) {
        guard let index = roundTrips.firstIndex(where: { $0.node == node }) else {
            return roundTrips.append(RoundTrip(node: node, shortest: span))
        }
        if span < roundTrips[index].shortest || roundTrips[index].samples >= Self.samplesMax {
            roundTrips[index] = RoundTrip(node: node, shortest: span)
        }
        roundTrips[index].samples += 1
    }

    /// Whether so many of these peers, which have answered lately, are near.
    package func areNear(_ peers: [NodeID], atLeast count: Int) -> Bool {
        roundTrips.count { $0.shortest < Self.nearMax && peers.contains($0.node) } >= count
    }
}
