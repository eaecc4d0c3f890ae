import Paxos
import Replica
import Simulator

/// What goes wrong, drawn at random, until it is told to stop.
final class Faults {
    private unowned let world: World
    private var isOver = false
    private let pace: ClosedRange<Int64>
    private let jumpsClocks: Bool

    init(world: World) {
        self.world = world
        pace = world.chance.pick([50...400, 200...900, 600...2_000])
        jumpsClocks = world.chance.isTrue(perMille: 250)
        world.network.latency = world.chance.pick([100...500, 200...3_000, 1_000...20_000])
        world.network.lossPerMille = world.chance.pick([0, 0, 10, 100])
        world.network.doublingPerMille = world.chance.pick([0, 20, 100])
    }

    func start() { scheduleNext() }

    /// Everything is well from here on.
    func stop() {
        isOver = true
        world.note("all is well from here on")
        world.network.heal()
        world.network.lossPerMille = 0
        world.network.doublingPerMille = 0
        for machine in world.machines {
            machine.ledgerDelay = 100...2_000
            machine.tableDelay = 20...600
            machine.life?.goOn()
            machine.start()
        }
    }

    private func scheduleNext() {
        world.after(world.chance.span(pace, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            strike()
            scheduleNext()
        }
    }

    private func later(_ range: ClosedRange<Int64>, _ body: @escaping () -> Void) {
        world.after(world.chance.span(range, unit: 1_000_000)) { [self] in if !isOver { body() } }
    }

    private func strike() {
        let machine = world.chance.pick(world.machines)
        let leaderOrAny = world.chance.isTrue(perMille: 500) ? world.leader ?? machine : machine
        let other = world.chance.pick(world.machines.filter { $0.node != leaderOrAny.node })
        switch world.chance.below(12) {
        case 0, 1:
            leaderOrAny.crash()
            later(1...1_500) { leaderOrAny.start() }
        case 2, 3:
            leaderOrAny.life?.pause()
            later(5...900) { leaderOrAny.life?.goOn() }
        case 4:
            world.note("\(leaderOrAny.node) is isolated")
            world.network.isolate(leaderOrAny.node)
            later(50...1_500) { [world] in world.network.heal() }
        case 5:
            world.note("\(leaderOrAny.node) is not heard by \(other.node)")
            world.network.setCut(true, from: leaderOrAny.node, to: other.node)
            later(50...1_500) { [world] in world.network.heal() }
        case 6, 7:
            let isDrained = world.chance.isTrue(perMille: 500)
            world.note("the connection from \(leaderOrAny.node) to \(other.node) breaks\(isDrained ? ", drained" : "")")
            world.network.breakConnection(from: leaderOrAny.node, to: other.node, drained: isDrained)
        case 8:
            world.note("\(leaderOrAny.node)'s ledger is slow")
            leaderOrAny.ledgerDelay = world.chance.pick([5_000...40_000, 50_000...400_000, 900_000...1_400_000])
            later(100...1_500) { leaderOrAny.ledgerDelay = 100...2_000 }
        case 9:
            world.note("\(leaderOrAny.node)'s table is slow")
            leaderOrAny.tableDelay = 5_000...100_000
            later(100...1_500) { leaderOrAny.tableDelay = 20...600 }
        case 10:
            guard let life = world.leader?.life, life.canTakeCommands else { return }
            life.perform { life.server.handOver {} }
        default:
            if jumpsClocks {
                world.note("\(machine.node)'s wall clock jumps")
                machine.stampSkew += Int64(world.chance.pick([700_000, -3_000, 3_000]))
            } else {
                world.network.lossPerMille = world.chance.pick([0, 20, 300])
            }
        }
    }
}
