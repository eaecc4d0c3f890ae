import Paxos

/// A word after which the loss of a process's memory, and its soon return, matter most.
enum FatalWord: CaseIterable {
    case prepare, promise, accept, accepted, handover, grant, voteGranted
    /// A ballot is refused for no other reason than a lease.
    case refusalForLease

    init?(_ message: Message) {
        switch message {
        case .prepare: self = .prepare
        case .promise: self = .promise
        case .accept: self = .accept
        case .accepted: self = .accepted
        case .handover: self = .handover
        case .heartbeatReply: self = .grant
        case .preVoteReply(let word) where word.isGranted: self = .voteGranted
        case .rejection(let word) where word.promised < word.ballot: self = .refusalForLease
        default: return nil
        }
    }
}

extension FaultSchedule {
    func strikeProcess(_ kind: FaultKind, _ node: SimulatedNode) {
        switch kind {
        case .powerLossEverywhere:
            for node in simulation.nodes {
                node.stop(power: true)
                later(1...500) { node.start() }
            }
        case .pause:
            node.life?.pause()
            later(5...900) { node.life?.goOn() }
        case .killAtWord: fatalWord = simulation.faultChance.pick(FatalWord.allCases + [.refusalForLease, .refusalForLease])
        default:
            node.stop(power: kind == .powerLoss)
            later(1...1_500) { node.start() }
        }
    }

    /// The word has left, or is about to.
    func said(_ message: Message, by node: SimulatedNode) {
        guard let fatalWord, FatalWord(message) == fatalWord else { return }
        self.fatalWord = nil
        let life = node.life?.number
        simulation.after(simulation.faultChance.span(0...1_000)) { [self] in
            guard !isOver, node.life?.number == life else { return }
            node.stop(power: simulation.faultChance.isTrue(perMille: 300))
            later(1...60) { node.start() }
        }
    }
}
