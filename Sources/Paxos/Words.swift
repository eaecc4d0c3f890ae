/// A message that rests on no write: it may leave at once.
enum FreeWord {
    case introduction(Introduction)
    case preVote(PreVote)
    case preVoteReply(PreVoteReply)
    case rejection(Rejection)
    /// The ballot is durable since phase 1; the proposer's own vote is counted apart, once its own write is durable.
    case accept(Accept)
    case heartbeat(Heartbeat)
    /// Reports only what `Kept` words have made durable; the lease that it grants lives in memory, and a restart waits it out.
    case heartbeatReply(HeartbeatReply)
    case fetch(Fetch)
    case chosenEntries(ChosenEntries)
    case handover(Handover)

    var message: Message {
        switch self {
        case .introduction(let word): .introduction(word)
        case .preVote(let word): .preVote(word)
        case .preVoteReply(let word): .preVoteReply(word)
        case .rejection(let word): .rejection(word)
        case .accept(let word): .accept(word)
        case .heartbeat(let word): .heartbeat(word)
        case .heartbeatReply(let word): .heartbeatReply(word)
        case .fetch(let word): .fetch(word)
        case .chosenEntries(let word): .chosenEntries(word)
        case .handover(let word): .handover(word)
        }
    }
}

/// What is true only once a write is durable.
enum Vow: Hashable, Sendable {
    /// I stand under this ballot, and will never use it again for anything else.
    case stand(Ballot)
    /// I promise this candidate's ballot.
    case promise(Ballot, to: NodeID, from: Slot)
    /// I have accepted up to here.
    case accept(Acknowledgement)
    /// Fetched entries up to here are stored as chosen.
    case store(from: Slot, upTo: Slot)
    /// The rows of every slot up to here, known to be chosen when a new ballot began, are in the ledger.
    case choose(upTo: Slot)
    case enter(Stage)
}

/// A vow whose write has been synced. Only `HeldVows` makes one, and only for a receipt:
/// `prepare`, `promise` and `accepted` can't be sent without it.
struct Kept: Hashable, Sendable {
    let vow: Vow

    fileprivate init(_ vow: Vow) { self.vow = vow }
}

/// Vows waiting for their writes.
struct HeldVows: Hashable, Sendable {
    /// Ascending by the number of the write that each rests on.
    private var held: [Held] = []

    private struct Held: Hashable, Sendable {
        let number: UInt64
        let vow: Vow
    }

    var count: Int { held.count }

    /// Whether a stage has been entered whose write is not synced.
    var holdsStage: Bool {
        held.contains { if case .enter = $0.vow { true } else { false } }
    }

    /// The first slot of the oldest fetched run whose write is not synced.
    var firstStored: Slot? {
        for vow in held {
            if case .store(let from, _) = vow.vow { return from }
        }
        return nil
    }

    func holdsAcceptance(at ballot: Ballot) -> Bool {
        held.contains { if case .accept(let word) = $0.vow { word.ballot == ballot } else { false } }
    }

    mutating func hold(_ vow: Vow, until number: UInt64) {
        invariant(held.last.map { $0.number <= number } ?? true, "vows are held in the order of their writes")
        held.append(Held(number: number, vow: vow))
    }

    mutating func release(_ receipt: SyncReceipt) -> [Kept] {
        let count = held.firstIndex { $0.number > receipt.upTo } ?? held.count
        guard count > 0 else { return [] }
        let kept = held[..<count].map { Kept($0.vow) }
        held.removeFirst(count)
        return kept
    }

    mutating func renumber(by offset: UInt64) {
        held = held.map { Held(number: $0.number - offset, vow: $0.vow) }
    }
}
