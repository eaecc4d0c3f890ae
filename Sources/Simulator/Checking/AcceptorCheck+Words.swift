import Paxos

/// What an acceptor says, against what it has made durable and what is chosen.
extension AcceptorCheck {
    mutating func hears(_ message: Message) {
        switch message {
        case .accept(let word): hear(word.ballot, word.ballotFirst)
        case .heartbeat(let word): hear(word.ballot, word.ballotFirst)
        case .prepare(let word):
            guard asked.map({ $0.ballot <= word.ballot }) ?? true else { return }
            asked = (word.ballot, asked.map { $0.ballot == word.ballot ? max($0.from, word.from) : word.from } ?? word.from)
        default: break
        }
    }

    private mutating func hear(_ ballot: Ballot, _ first: Slot) {
        if heard.map({ $0.ballot < ballot }) ?? true { heard = (ballot, first) }
    }

    mutating func says(_ message: Message, _ votes: inout Votes) -> String? {
        switch message {
        case .promise(let word): check(word, &votes)
        case .prepare(let word): check(word, &votes)
        case .accept(let word): check(word, &votes)
        case .accepted(let word): check(word.acknowledgement, votes)
        case .heartbeat(let word): claim(word.chosenUpTo, votes)
        case .heartbeatReply(let word): check(word.acknowledgement, votes) ?? claim(word.chosenUpTo, votes)
        case .chosenEntries(let word): check(word, votes)
        case .introduction, .preVote, .preVoteReply, .rejection, .fetch, .handover: nil
        }
    }

    private func claim(_ slot: Slot, _ votes: Votes) -> String? {
        slot > votes.chosenUpTo ? "agreement: slot \(slot) is said to be chosen, and no quorum holds what is up to it" : nil
    }

    private mutating func check(_ word: Prepare, _ votes: inout Votes) -> String? {
        if word.ballot > promise { return "promises: \(word.ballot) is proposed before it is synced" }
        if let stood, stood.ballot == word.ballot, stood.life != currentLife { return "promises: \(word.ballot) is used in two lives" }
        stood = (word.ballot, currentLife)
        votes.prepares(word.ballot, from: word.from, by: voter)
        return nil
    }

    private func check(_ word: Accept, _ votes: inout Votes) -> String? {
        if word.ballot > promise { return "promises: entries are proposed at \(word.ballot) before it is synced" }
        for (offset, entry) in word.entries.enumerated() {
            if let problem = votes.proposed(SlottedEntry(slot: word.first.advanced(by: offset), entry: entry)) { return problem }
        }
        return claim(word.chosenUpTo, votes)
    }

    private func check(_ word: ChosenEntries, _ votes: Votes) -> String? {
        for (offset, entry) in word.entries.enumerated() {
            let row = SlottedEntry(slot: word.first.advanced(by: offset), entry: entry)
            if !votes.isChosen(row) { return "agreement: \(entry) is handed on as chosen at slot \(row.slot), and no quorum holds it" }
        }
        return claim(word.chosenUpTo, votes)
    }

    /// Everything that is durable from where the candidate asked is reported, and nothing else.
    private mutating func check(_ word: Promise, _ votes: inout Votes) -> String? {
        if word.ballot > promise { return "promises: \(word.ballot) is promised before it is synced" }
        if word.part == 0 { reported = [] }
        votes.promises(word.ballot, by: voter)
        // What was accepted at the ballot itself needs no report: its leader knows it.
        for row in word.entries where row.entry.ballot != word.ballot && self.row(at: row.slot) != row.entry {
            return "durability: slot \(row.slot) is reported as \(row.entry), and is not synced"
        }
        reported += word.entries.map(\.slot)
        guard word.part + 1 == word.parts, let asked, asked.ballot == word.ballot else { return claim(word.chosenUpTo, votes) }
        var next = reported[...]
        var slot = max(asked.from, word.chosenUpTo.next)
        while slot <= lastSlot {
            defer { slot = slot.next }
            next = next.drop { $0 < slot }
            guard let row = row(at: slot), row.ballot != word.ballot, next.first != slot else { continue }
            return "promises: \(word.ballot) is promised without a word of slot \(slot), accepted at \(row.ballot)"
        }
        return claim(word.chosenUpTo, votes)
    }

    /// Every slot from the ballot's first on is durable: at that ballot, or with the value that is chosen.
    private mutating func check(_ word: Acknowledgement, _ votes: Votes) -> String? {
        guard word.ballot > .zero, word.upTo > .none else { return nil }
        if word.ballot > promise { return "promises: accepted at \(word.ballot), and only \(promise) is synced" }
        guard let heard, heard.ballot == word.ballot else { return nil }
        var slot = found.ballot == word.ballot ? max(found.upTo.next, heard.first) : heard.first
        while slot <= word.upTo {
            defer { slot = slot.next }
            // What a snapshot holds is chosen.
            guard let row = row(at: slot) else {
                if slot <= installedUpTo, slot <= votes.chosenUpTo { continue }
                return "durability: slot \(slot) is acknowledged at \(word.ballot) up to \(word.upTo) before it is synced"
            }
            guard row.ballot == word.ballot || slot <= installedUpTo || votes.isChosen(SlottedEntry(slot: slot, entry: row)) else {
                return "durability: slot \(slot) is acknowledged at \(word.ballot) up to \(word.upTo) before it is synced"
            }
        }
        if found.ballot != word.ballot || found.upTo < word.upTo { found = word }
        return nil
    }
}
