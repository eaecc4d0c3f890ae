import KeyValue
import Paxos

/// A word after which the loss of a process's memory, and its soon return, matter most.
enum FatalWord: String, CaseIterable {
    case prepare, promise, accept, accepted, handover, grant
    case voteGranted = "vote granted"
    /// A ballot is refused for no other reason than a lease.
    case refusalForLease = "refusal for a lease"
    /// Within a transfer: at the end that reads, and at the end that stores.
    case snapshotPiece = "piece of a snapshot"
    case snapshotWanted = "wish for a snapshot"

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

    init?(_ message: ServiceMessage) {
        switch message {
        case .snapshotChunk: self = .snapshotPiece
        case .snapshotWanted: self = .snapshotWanted
        case .propose, .outcome, .refused, .query, .answer, .queryRefused, .answerTooLarge, .tableHash, .snapshotUnavailable: return nil
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
        case .killAtWord:
            for _ in 0..<3 { fatalWords.append(simulation.faultChance.pick(FatalWord.allCases)) }
        default:
            node.stop(power: kind == .powerLoss)
            later(1...1_500) { node.start() }
        }
    }

    /// The word has left, or is about to.
    func said(_ message: Message, by node: SimulatedNode, shard ordinal: Int) {
        guard !isOver else { return }
        contestGoesOn(message, by: node, shard: ordinal)
        if !fatalWords.isEmpty, let word = FatalWord(message) { said(word, by: node) }
    }

    func said(_ message: ServiceMessage, by node: SimulatedNode) {
        guard !isOver, !fatalWords.isEmpty, let word = FatalWord(message) else { return }
        said(word, by: node)
    }

    private func said(_ word: FatalWord, by node: SimulatedNode) {
        guard let index = fatalWords.firstIndex(of: word) else { return }
        fatalWords.remove(at: index)
        simulation.count("killed at: \(word.rawValue)")
        restart(node)
    }
}
