import FaultVFS
import Paxos
import Replica
import Sharding

/// What goes wrong, drawn at random, until it is told to stop. Each seed uses its own choice of faults (Groce et al., *Swarm
/// Testing*, ISSTA 2012): a fault that is always there hides what happens without it.
final class FaultSchedule {
    private unowned let simulation: Simulation
    private var isOver = false
    private let pace: ClosedRange<Int64>
    /// Each as often as its weight says.
    private let kinds: [FaultKind]

    init(_ simulation: Simulation) {
        self.simulation = simulation
        let profile = simulation.options.profile
        pace = simulation.chance.pick(profile == .chaos ? [30...150, 50...400, 200...900] : [50...400, 200...900, 600...2_000])
        var kinds: [FaultKind] = []
        for kind in FaultKind.allCases where simulation.chance.isTrue(perMille: 600) {
            let weight = kind.weight(in: profile) * (1 + simulation.chance.below(4))
            kinds += Array(repeating: kind, count: weight)
        }
        self.kinds = kinds.isEmpty ? [.kill] : kinds
        simulation.network.lossPerMille = simulation.chance.pick([0, 0, 10, 100])
        simulation.network.doublingPerMille = simulation.chance.pick([0, 20, 100])
        simulation.network.spoilingPerMille = simulation.chance.pick([0, 0, 5])
    }

    func start() { scheduleNext() }

    /// Everything is well from here on, but that the nodes in `down` stay down.
    func stop(down: [SimulatedNode]) {
        isOver = true
        simulation.note("all is well from here on")
        simulation.network.heal()
        simulation.network.lossPerMille = 0
        simulation.network.doublingPerMille = 0
        simulation.network.spoilingPerMille = 0
        for node in simulation.nodes {
            node.diskFaults.disarm()
            setFull(false, node)
            node.ledgerDelay = SimulatedNode.usualLedgerDelay
            node.tableDelay = SimulatedNode.usualTableDelay
            node.life?.goOn()
            if down.contains(where: { $0 === node }) { node.stop(power: true) } else { node.start() }
        }
    }

    private func scheduleNext() {
        simulation.after(simulation.chance.span(pace, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            strike(simulation.chance.pick(kinds))
            scheduleNext()
        }
    }

    private func later(_ range: ClosedRange<Int64>, _ body: @escaping () -> Void) {
        simulation.after(simulation.chance.span(range, unit: 1_000_000)) { [self] in if !isOver { body() } }
    }

    private func strike(_ kind: FaultKind) {
        let any = simulation.chance.pick(simulation.nodes)
        let shard = simulation.chance.below(simulation.cluster.shards.count)
        let node = simulation.chance.isTrue(perMille: 500) ? simulation.leader(ofShard: shard) ?? any : any
        let other = simulation.chance.pick(simulation.nodes.filter { $0 !== node })
        simulation.count(kind.rawValue)
        simulation.note("fault: \(kind.rawValue), \(node.id), \(other.id)")
        switch kind {
        case .powerLoss, .powerLossEverywhere, .kill, .pause: strikeProcess(kind, node)
        case .isolation, .oneWayCut, .partialCut, .slowLink, .brokenConnection, .lossyNetwork: strikeNetwork(kind, node, other)
        case .powerLossInOperation, .slowLedger, .slowTable, .failedSync, .diskError, .fullDisk: strikeDisk(kind, node)
        case .clockJump: any.stampSkew += Int64(simulation.chance.pick([700_000, -3_000, 3_000]))
        case .handover:
            guard let life = node.life, life.canTakeCommands else { return }
            life.perform { life.shards[shard].server.handOver {} }
        }
    }

    private func strikeProcess(_ kind: FaultKind, _ node: SimulatedNode) {
        switch kind {
        case .powerLossEverywhere:
            for node in simulation.nodes {
                node.stop(power: true)
                later(1...500) { node.start() }
            }
        case .pause:
            node.life?.pause()
            later(5...900) { node.life?.goOn() }
        default:
            node.stop(power: kind == .powerLoss)
            later(1...1_500) { node.start() }
        }
    }

    private func strikeNetwork(_ kind: FaultKind, _ node: SimulatedNode, _ other: SimulatedNode) {
        let network = simulation.network
        switch kind {
        case .isolation: network.isolate(node.id)
        case .oneWayCut: network.setCut(true, from: node.id, to: other.id)
        case .partialCut:
            network.setCut(true, from: node.id, to: other.id)
            network.setCut(true, from: other.id, to: node.id)
        case .slowLink: network.setSlow(simulation.chance.pick([20_000, 100_000, 400_000]), from: node.id, to: other.id)
        case .brokenConnection:
            return network.breakConnection(from: node.id, to: other.id, drained: simulation.chance.isTrue(perMille: 500))
        default: return network.lossPerMille = simulation.chance.pick([0, 20, 300])
        }
        later(50...1_500) { network.heal() }
    }

    private func strikeDisk(_ kind: FaultKind, _ node: SimulatedNode) {
        switch kind {
        case .powerLossInOperation: node.diskFaults.arm(.powerLoss, within: 60)
        case .failedSync: node.diskFaults.arm(.failedSync, within: 6)
        case .diskError: node.diskFaults.arm(.error, within: 60)
        case .fullDisk:
            setFull(true, node)
            later(50...1_500) { [self] in setFull(false, node) }
        case .slowLedger:
            node.ledgerDelay = simulation.chance.pick([5_000...40_000, 50_000...400_000, 900_000...1_400_000])
            later(100...1_500) { node.ledgerDelay = SimulatedNode.usualLedgerDelay }
        default:
            node.tableDelay = 5_000...100_000
            later(100...1_500) { node.tableDelay = SimulatedNode.usualTableDelay }
        }
    }

    private func setFull(_ isFull: Bool, _ node: SimulatedNode) {
        node.disk.setCapacity(bytes: isFull ? node.disk.usedBytes + simulation.chance.below(100_000) : nil)
        node.diskFaults.setFull(isFull)
    }
}
