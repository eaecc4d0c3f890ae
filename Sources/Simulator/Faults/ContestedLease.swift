import Paxos

/// The leader is lost from sight until another replica stands; then the leader is heard again and the candidate is not; then
/// whoever has granted the leader a lease once more loses its memory; then it is the candidate's turn. Chance alone hardly ever
/// brings a candidate and a restarted granter together within one lease.
struct ContestedLease {
    typealias Link = SimulatedNetwork.Link

    let ordinal: Int
    let leader: NodeID
    /// Between the leader and everybody.
    let links: [Link]
    var candidate: NodeID?
    var forgetful: [NodeID] = []
}

extension FaultSchedule {
    func contest(_ leader: SimulatedNode, shard ordinal: Int) {
        guard contested == nil else { return }
        let links = Self.links(leader.id, simulation.nodes.map(\.id))
        contested = ContestedLease(ordinal: ordinal, leader: leader.id, links: links)
        simulation.network.cut(links, .everything)
        later(700...1_000) { [self] in
            guard let contest = contested, contest.leader == leader.id else { return }
            contested = nil
            if contest.candidate == nil { simulation.network.join(contest.links, .everything) }
        }
    }

    private static func links(_ one: NodeID, _ others: [NodeID]) -> [ContestedLease.Link] {
        others.filter { $0 != one }.flatMap { [.init(from: one, to: $0), .init(from: $0, to: one)] }
    }

    func contestGoesOn(_ message: Message, by node: SimulatedNode, shard ordinal: Int) {
        guard var contest = contested, contest.ordinal == ordinal, node.id != contest.leader else { return }
        switch message {
        case .prepare where contest.candidate == nil:
            contest.candidate = node.id
            contest.forgetful = simulation.nodes.map(\.id).filter { $0 != node.id && $0 != contest.leader }
            let lasting = Self.links(node.id, [contest.leader])
            let brief = Self.links(node.id, contest.forgetful)
            simulation.network.join(contest.links.filter { !lasting.contains($0) }, .everything)
            simulation.network.cut(brief, .everything)
            later(60...90) { [self] in simulation.network.join(brief, .everything) }
            later(500...600) { [self] in simulation.network.join(lasting, .everything) }
            contested = contest
        case .heartbeatReply(let word) where word.ballot.node == contest.leader && contest.forgetful.contains(node.id):
            contested?.forgetful.removeAll { $0 == node.id }
            restart(node)
        default: break
        }
    }

    /// Dies now, or within a moment, and is back soon.
    func restart(_ node: SimulatedNode) {
        let life = node.life?.number
        simulation.after(simulation.faultChance.span(0...1_000)) { [self] in
            guard !isOver, node.life?.number == life else { return }
            node.stop(power: simulation.faultChance.isTrue(perMille: 300))
            later(1...60) { node.start() }
        }
    }
}
