import Foundation
import Testing

@Suite("Whole shards from one seed")
struct SeedTests {
    @Test(arguments: 1...60)
    func everyPromiseToClientsIsKept(seed: UInt64) {
        let world = RandomRun(seed: seed).run()
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    @Test func seedsNeverTriedBeforeKeepTheirPromises() {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["DECREE_SEEDS"].flatMap(UInt64.init) ?? 10
        let first = environment["DECREE_FIRST_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1 << 20...1 << 40)
        print("fresh seeds from \(first)")
        for seed in first..<first + count {
            let world = RandomRun(seed: seed).run()
            #expect(world.failures.isEmpty, "\(world.report)")
        }
    }

    @Test(arguments: [3, 17])
    func oneSeedIsOneRun(seed: UInt64) {
        let first = RandomRun(seed: seed).run()
        let second = RandomRun(seed: seed).run()
        #expect(first.digest == second.digest)
        #expect(first.history.calls.count == second.history.calls.count)
    }
}
