import Foundation
import Testing

extension ClusterTests {
    /// The promise of the whole: kill anything at any moment, and start it again.
    @Test("keeps every write that it acknowledged, whatever is killed or paused", .tags(.long), .timeLimit(.minutes(10)))
    func chaos() async throws {
        let seed = ProcessInfo.processInfo.environment["DECREE_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("chaos: DECREE_SEED=\(seed)")
        try await withCluster { try Self.runChaos($0, seed: seed) }
    }

    private static func runChaos(_ cluster: Cluster, seed: UInt64) throws {
        try cluster.startAll()
        guard cluster.waitUntilServing(seconds: 60) else { return }

        var generator = SeededGenerator(seed: seed)
        let faults = Fault.schedule(&generator)
        let load = Load(cluster, clientsPerNode: 4, seed: seed)
        var injector = FaultInjector(cluster: cluster, load: load, generator: generator)
        for (number, fault) in faults.enumerated() {
            let (start, before) = (ContinuousClock.now, load.acknowledged)
            try injector.run(fault)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print(
                String(format: "chaos: %2d/%d %.1f s, %d answered, ", number + 1, faults.count, seconds, load.acknowledged - before), fault)
        }
        load.stop()

        let kills = faults.map(\.kills).reduce(0, +)
        cluster.expect(kills >= 20, "only \(kills) kills")
        try load.expectNothingLost(cluster, "chaos, seed \(seed), \(kills) kills")
        for node in cluster.nodes {
            let ending = cluster.terminate(node)
            cluster.expect(ending == .exited(0), "\(node.name) ended with \(String(describing: ending)):\n\(cluster.lastLines(node))")
        }
        try cluster.expectIntegrity()
        cluster.expect(cluster.crashLines().isEmpty, "\(cluster.crashLines())")
    }
}
