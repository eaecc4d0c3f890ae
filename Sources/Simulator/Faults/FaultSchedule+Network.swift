import Paxos

extension FaultSchedule {
    private typealias Link = SimulatedNetwork.Link

    func strikeNetwork(_ kind: FaultKind, _ node: SimulatedNode, _ other: SimulatedNode) {
        let network = simulation.network
        let others = simulation.nodes.map(\.id).filter { $0 != node.id }
        let there = Link(from: node.id, to: other.id)
        let back = Link(from: other.id, to: node.id)
        let away = others.map { Link(from: node.id, to: $0) }
        let towards = others.map { Link(from: $0, to: node.id) }
        switch kind {
        case .isolation:
            cut(away + towards)
            network.breakConnections(of: node.id, drained: false)
        case .partition: cut(linksBetweenTwoSides())
        case .mute: cut(away)
        case .deaf: cut(towards)
        case .oneWayCut: cut([there])
        case .partialCut: cut([there, back])
        case .flappingLink: flap([there, back], cuts: 2 + simulation.faultChance.below(12))
        case .datagramCut: cut([there, back], .datagrams)
        case .connectionCut: cut([there, back], .connections)
        case .slowLink:
            network.setSlow(simulation.faultChance.pick([20_000, 100_000, 400_000]), there)
            later(50...1_500) { network.setSlow(nil, there) }
        case .brokenConnection: network.breakConnection(there, drained: simulation.faultChance.isTrue(perMille: 500))
        default: network.lossPerMille = simulation.faultChance.pick([0, 20, 300])
        }
    }

    private func cut(_ links: [Link], _ traffic: SimulatedNetwork.Traffic = .everything) {
        simulation.network.cut(links, traffic)
        later(50...1_500) { [self] in simulation.network.join(links, traffic) }
    }

    private func flap(_ links: [Link], cuts: Int) {
        guard cuts > 0 else { return }
        simulation.network.cut(links, .everything)
        later(5...500) { [self] in
            simulation.network.join(links, .everything)
            later(1...200) { [self] in flap(links, cuts: cuts - 1) }
        }
    }

    /// A majority stays together.
    private func linksBetweenTwoSides() -> [Link] {
        var majority = simulation.nodes.map(\.id)
        var minority: [NodeID] = []
        while minority.count < (simulation.nodes.count - 1) / 2 {
            minority.append(majority.remove(at: simulation.faultChance.below(majority.count)))
        }
        return minority.flatMap { one in majority.flatMap { [Link(from: one, to: $0), Link(from: $0, to: one)] } }
    }
}
