import Paxos

/// One acceptor over all its lives: what it has made durable, against what it says and what it finds when it starts again.
struct AcceptorCheck {
    private var promise = Ballot.zero
    /// By slot: the ballot at which an entry was accepted, durably.
    private var accepted: [UInt64: Ballot] = [:]
    /// As synced in the ledger.
    private var chosenUpTo = Slot.none
    /// As this life began with: the table may have known more than the ledger, and may lose it again.
    private var foundUpTo = Slot.none
    /// The newest ballot heard of, and the first slot that its leader proposed.
    private var heard: (ballot: Ballot, first: Slot)?

    mutating func hears(_ message: Message) {
        switch message {
        case .accept(let word): hear(word.ballot, word.ballotFirst)
        case .heartbeat(let word): hear(word.ballot, word.ballotFirst)
        default: break
        }
    }

    private mutating func hear(_ ballot: Ballot, _ first: Slot) {
        if heard.map({ $0.ballot < ballot }) ?? true { heard = (ballot, first) }
    }

    mutating func synced(_ write: LedgerWrite) {
        promise = max(promise, write.promise ?? promise)
        for row in write.entries { accepted[row.slot.rawValue] = row.entry.ballot }
        chosenUpTo = max(chosenUpTo, write.chosenUpTo ?? chosenUpTo)
    }

    /// What the ledger has lost.
    mutating func recovered(_ state: LedgerState, appliedUpTo: Slot) -> String? {
        if state.promise < promise { return "promises: \(promise) was synced, and \(state.promise) is found" }
        let chosen = max(state.chosenUpTo, appliedUpTo)
        if chosen < chosenUpTo { return "durability: chosen up to \(chosenUpTo) was synced, and \(chosen) is found" }
        var found: [UInt64: Ballot] = [:]
        for row in state.entries { found[row.slot.rawValue] = row.entry.ballot }
        for slot in accepted.keys.sorted() where slot > chosen.rawValue {
            guard let ballot = accepted[slot] else { continue }
            guard let kept = found[slot] else { return "durability: slot \(slot) was accepted at \(ballot) and synced, and is gone" }
            if kept < ballot { return "durability: slot \(slot) was accepted at \(ballot) and synced, and is found at \(kept)" }
        }
        // What a crash has left of a write that nobody was told of counts from here on as well.
        promise = state.promise
        foundUpTo = chosen
        accepted = accepted.filter { $0.key > chosenUpTo.rawValue && $0.key <= chosen.rawValue }
        accepted.merge(found) { $1 }
        return nil
    }

    /// What is said, and is not durable.
    func says(_ message: Message) -> String? {
        switch message {
        case .promise(let word): word.ballot > promise ? "promises: \(word.ballot) is promised before it is synced" : nil
        case .prepare(let word): word.ballot > promise ? "promises: \(word.ballot) is proposed before it is synced" : nil
        case .accepted(let word): check(word.acknowledgement)
        case .heartbeatReply(let word): check(word.acknowledgement)
        case .introduction, .preVote, .preVoteReply, .rejection, .accept, .heartbeat, .fetch, .chosenEntries, .handover: nil
        }
    }

    private func check(_ acknowledgement: Acknowledgement) -> String? {
        guard acknowledgement.ballot > .zero, acknowledgement.upTo > .none else { return nil }
        if acknowledgement.ballot > promise { return "promises: accepted at \(acknowledgement.ballot), and only \(promise) is synced" }
        // Of a leader that has proposed nothing yet there is nothing to acknowledge.
        guard let heard, heard.ballot == acknowledgement.ballot, acknowledgement.upTo >= heard.first else { return nil }
        guard acknowledgement.upTo > max(chosenUpTo, foundUpTo), accepted[acknowledgement.upTo.rawValue] == nil else { return nil }
        return "durability: slot \(acknowledgement.upTo) is acknowledged at \(acknowledgement.ballot) before it is synced"
    }
}
