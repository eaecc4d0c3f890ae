import FaultVFS
import Paxos
import Replica
import Sharding

/// What goes wrong, drawn at random, until it is told to stop. Each seed uses its own choice of faults (Groce et al., *Swarm
/// Testing*, ISSTA 2012): a fault that is always there hides what happens without it.
final class FaultSchedule {
    unowned let simulation: Simulation
    private(set) var isOver = false
    private let pace: ClosedRange<Int64>
    /// Each as often as its weight says.
    private let kinds: [FaultKind]
    private var schedule: Chance
    private var strikes = 0
    /// Whoever next says one of these is killed.
    var fatalWords: [FatalWord] = []
    var contested: ContestedLease?

    init(_ simulation: Simulation) {
        self.simulation = simulation
        let profile = simulation.options.profile
        pace = simulation.faultChance.pick(profile == .chaos ? [30...150, 50...400, 200...900] : [50...400, 200...900, 600...2_000])
        var kinds: [FaultKind] = []
        for kind in FaultKind.allCases where simulation.faultChance.isTrue(perMille: 600) {
            let weight = kind.weight(in: profile) * (1 + simulation.faultChance.below(4))
            kinds += Array(repeating: kind, count: weight)
        }
        if kinds.isEmpty { kinds = [.kill] }
        if simulation.faultChance.isTrue(perMille: 150) {
            kinds += Array(repeating: .clockBeyondBound, count: 1 + kinds.count / 4)
            simulation.clocksKeptBoundSince = .distantFuture
        }
        if simulation.faultChance.isTrue(perMille: 150) {
            kinds += Array(repeating: simulation.faultChance.pick(FaultKind.damage), count: 1 + kinds.count / 8)
        }
        self.kinds = kinds
        schedule = simulation.faultChance
        simulation.areElectionsCrowded = simulation.faultChance.isTrue(perMille: 300)
        simulation.network.lossPerMille = simulation.faultChance.pick([0, 0, 10, 100])
        simulation.network.doublingPerMille = simulation.faultChance.pick([0, 20, 100])
        simulation.network.spoilingPerMille = simulation.faultChance.pick([0, 0, 5])
        guard simulation.options.omissions.noise else { return }
        quietenNetwork()
    }

    func start() {
        if kinds.contains(.clockBeyondBound), isWanted(.clockBeyondBound) {
            for node in simulation.nodes { strikeClock(.clockBeyondBound, node) }
        }
        scheduleNext()
    }

    /// Everything is well from here on, but that the nodes in `down` stay down.
    func stop(down: [SimulatedNode]) {
        isOver = true
        simulation.note("all is well from here on")
        simulation.areElectionsCrowded = false
        simulation.network.heal()
        quietenNetwork()
        if simulation.clocksKeptBoundSince == .distantFuture {
            for node in simulation.nodes { node.setClockRate(SimulatedNode.drawnRate(&simulation.faultChance)) }
            // What was granted before is over by then.
            simulation.clocksKeptBoundSince = simulation.now + .milliseconds(1_000)
        }
        for node in simulation.nodes {
            node.diskFaults.disarm()
            setFull(false, node)
            node.ledgerDelay = SimulatedNode.usualLedgerDelay
            node.tableDelay = SimulatedNode.usualTableDelay
            node.life?.goOn()
            node.life?.endReading()
            if down.contains(where: { $0 === node }) { node.stop(power: true) } else { node.start() }
        }
    }

    private func quietenNetwork() {
        simulation.network.lossPerMille = 0
        simulation.network.doublingPerMille = 0
        simulation.network.spoilingPerMille = 0
    }

    private func scheduleNext() {
        simulation.after(schedule.span(pace, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            strikes += 1
            let kind = schedule.pick(kinds)
            // Its own, so that a strike does the same whether there were others or not.
            simulation.faultChance = Chance(seed: simulation.options.seed, .strike(strikes))
            if isWanted(kind), simulation.options.omissions.onlyStrikes?.contains(strikes) ?? true { strike(kind) }
            scheduleNext()
        }
    }

    private func isWanted(_ kind: FaultKind) -> Bool { !simulation.options.omissions.faults.contains(kind.rawValue) }

    func later(_ range: ClosedRange<Int64>, _ body: @escaping () -> Void) {
        simulation.after(simulation.faultChance.span(range, unit: 1_000_000)) { [self] in if !isOver { body() } }
    }

    private func strike(_ kind: FaultKind) {
        let any = simulation.faultChance.pick(simulation.nodes)
        let shard = simulation.faultChance.below(simulation.cluster.shards.count)
        let node = simulation.faultChance.isTrue(perMille: 500) ? simulation.leader(ofShard: shard) ?? any : any
        let other = simulation.faultChance.pick(simulation.nodes.filter { $0 !== node })
        if kind.place != .rest { simulation.count(kind.rawValue) }
        simulation.observe(.struck(number: strikes, fault: kind.rawValue))
        simulation.note("fault \(strikes): \(kind.rawValue), \(node.id), \(other.id)")
        switch kind.place {
        case .process: strikeProcess(kind, node)
        case .network: strikeNetwork(kind, node, other)
        case .disk: strikeDisk(kind, node)
        case .rest: strikeAtRest(kind, any, shard: shard)
        case .clock: strikeClock(kind, any)
        case .leadership where kind == .contestedLease:
            if let leader = simulation.leader(ofShard: shard) { contest(leader, shard: shard) }
        case .leadership:
            guard let life = node.life, life.canTakeCommands else { return }
            life.perform { life.shards[shard].server.handOver {} }
        }
    }

    private func strikeClock(_ kind: FaultKind, _ node: SimulatedNode) {
        switch kind {
        case .clockJump: node.stampSkew += Int64(simulation.faultChance.pick([700_000, -3_000, 3_000]))
        case .clockRate where simulation.clocksKeptBoundSince < .distantFuture:
            node.setClockRate(SimulatedNode.drawnRate(&simulation.faultChance))
        default: node.setClockRate(Int64(simulation.faultChance.pick([-300_000, -100_000, -20_000, 0, 20_000, 100_000, 300_000])))
        }
    }

    private func strikeDisk(_ kind: FaultKind, _ node: SimulatedNode) {
        switch kind {
        case .powerLossInOperation: node.diskFaults.arm(.powerLoss, within: 60)
        case .failedSync: node.diskFaults.arm(.failedSync, within: 6)
        case .diskError: node.diskFaults.arm(.error, within: 60)
        case .fullDisk:
            setFull(true, node)
            later(50...1_500) { [self] in setFull(false, node) }
        case .longReader:
            node.life?.beginReading(ofTable: simulation.faultChance.isTrue(perMille: 500))
            later(100...3_000) { node.life?.endReading() }
        case .slowLedger:
            node.ledgerDelay = simulation.faultChance.pick([5_000...40_000, 50_000...400_000, 900_000...1_400_000])
            later(100...1_500) { node.ledgerDelay = SimulatedNode.usualLedgerDelay }
        default:
            node.tableDelay = 5_000...100_000
            later(100...1_500) { node.tableDelay = SimulatedNode.usualTableDelay }
        }
    }

    private func setFull(_ isFull: Bool, _ node: SimulatedNode) {
        node.disk.setCapacity(bytes: isFull ? node.disk.usedBytes + simulation.faultChance.below(100_000) : nil)
        node.diskFaults.setFull(isFull)
    }
}
