import Linearizability
import Paxos
import Replica
import Sharding
import Simulator

/// One seed: a cluster under load while everything goes wrong, then a while in which nothing does.
struct RandomRun {
    let world: World

    init(seed: UInt64) {
        var chance = Chance(seed: seed &* 31 &+ 7)
        var cluster = ClusterSettings()
        cluster.reads = chance.isTrue(perMille: 700) ? .lease : .quorum
        cluster.requestTimeout = chance.span(800...5_000, unit: 1_000_000)
        cluster.stalenessMax = chance.span(300...2_000, unit: 1_000_000)
        let preferred: NodeID? = chance.isTrue(perMille: 500) ? NodeID(rawValue: UInt16(1 + chance.below(3))) : nil
        world = World(seed: seed, cluster: cluster, preferredLeader: preferred)
    }

    func run() -> World {
        let workload = Workload(world: world)
        let faults = Faults(world: world)
        for machine in world.machines { world.after(world.chance.span(0...50, unit: 1_000_000)) { machine.start() } }
        world.run(for: world.chance.span(0...1_000, unit: 1_000_000))
        workload.start()
        faults.start()
        world.run(for: world.chance.span(2_000...6_000, unit: 1_000_000))
        workload.stop()
        faults.stop()
        world.run(for: .milliseconds(4_000))
        checkRecovered()
        // Whatever is still open has its answer by its deadline.
        world.run(for: world.cluster.requestTimeout + .milliseconds(500))
        if world.failures.isEmpty { world.check() }
        return world
    }

    /// Everything asked of any node succeeds soon.
    private func checkRecovered() {
        let asked = world.machines.flatMap { machine in
            [
                machine.ask(.set("end \(machine.node)"), key: "r0"), machine.ask(.get, key: "r0"), machine.ask(.increment(by: 1), key: "c"),
                machine.ask(.get, key: "c", isLocal: true),
            ]
        }
        let isAnswered = world.run(atMost: .milliseconds(500)) {
            asked.allSatisfy { $0.map { world.history.calls[$0].reply != nil } ?? false }
        }
        guard world.failures.isEmpty else { return }
        if !isAnswered { world.fail("not everything is answered within half a second after all went well") }
        for number in asked.compactMap({ $0 }) {
            if case .failed(let failure)? = world.history.calls[number].reply {
                world.fail("#\(number) failed though all is well: \(failure)")
            }
        }
    }
}
