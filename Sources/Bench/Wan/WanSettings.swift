/// Three datacenters, and what their clients do.
package struct WanSettings: Sendable {
    /// Milliseconds of a round trip: between the first and the second, the first and the third, the second and the third.
    package var roundTrips = [30.0, 60.0, 90.0]
    /// Up to so many milliseconds more, each way.
    package var jitter = 0.0
    /// Percent of datagrams.
    package var loss = 0.0
    package var seconds = 20.0
    /// Of each kind of operation, for each datacenter and shard.
    package var rate = 20.0
    package var seed: UInt64 = 1

    package init() {}

    package func validated() throws(BenchFailure) -> WanSettings {
        guard roundTrips.count == 3, roundTrips.allSatisfy({ (0...2000).contains($0) }) else {
            throw .usage("rtt: three numbers of milliseconds, up to 2000")
        }
        guard (0...1000).contains(jitter) else { throw .usage("jitter: 0 to 1000 ms") }
        guard (0...50).contains(loss) else { throw .usage("loss: 0 to 50 %") }
        guard seconds > 0, rate > 0, rate <= 1000 else { throw .usage("seconds: above 0; rate: above 0, up to 1000") }
        return self
    }

    package enum Kind: String, CaseIterable, Sendable {
        case write
        case read
        case local
    }

    /// In milliseconds.
    package func roundTrip(_ one: Int, _ other: Int) -> Double { one == other ? 0 : roundTrips[one + other - 1] }

    /// The least that geometry allows: to the leader and back, and for a write from there to the nearest other node and back.
    package func bound(_ kind: Kind, client: Int, leader: Int) -> Double {
        let nearest = (0..<3).filter { $0 != leader }.map { roundTrip(leader, $0) }.min() ?? 0
        switch kind {
        case .write: return roundTrip(client, leader) + nearest
        case .read: return roundTrip(client, leader)
        case .local: return 0
        }
    }

    package var sections: [FindingReport.Section] {
        [
            .init(
                "write", "Writes", note: "The bound: one round trip to the leader, and one from there to the node that is nearest to it.",
                variantTitle: "shard"),
            .init(
                "read", "Linearizable reads", note: "The bound: one round trip to the leader, which answers by its lease.",
                variantTitle: "shard"),
            .init("local", "READONLY reads", note: "Answered by the client's own datacenter.", variantTitle: "shard"),
            .init(
                "relay", "The relay",
                note: "What stands between the nodes for the distance: how much later than it should it hands over, and what it takes of a "
                    + "processor. Elections are counted from when all nodes served."),
        ]
    }
}
