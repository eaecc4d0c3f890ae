import Paxos

/// What a turn adds to that which is remembered of a replica, and what can be judged from one replica alone.
extension Exploration {
    func remember(_ turn: Turn, _ event: Event) throws -> ReplicaState {
        var state = turn.state
        if case .restart = event { endLife(&state) }
        if case .receive(let message) = event { forgetLost(&state, vocabulary.messages[message]) }
        for write in turn.synced {
            for row in write.entries { state.votes |= try vocabulary.bit(of: row) }
        }
        if let slot = turn.synced.compactMap(\.chosenUpTo).last {
            try claim(state.ledger.rows(from: Slot(1), through: slot), &state)
        }
        try claim(turn.applied, &state)
        for envelope in turn.envelopes where !deaf.contains(Int(envelope.to.node.rawValue) - 1) {
            let number = vocabulary.number(of: envelope)
            let place = state.sent.firstIndex { $0 >= number } ?? state.sent.count
            if place < state.sent.count, state.sent[place] == number { continue }
            try judge(envelope, &state)
            if scenario.losesRefusals, envelope.message.isRefusal { continue }
            // It says what is known.
            if scenario.restartsAreKnown, case .introduction = envelope.message { continue }
            state.sent.insert(number, at: place)
        }
        if let read = turn.served, let seen = read.seen, seen < read.required {
            throw Violation(
                property: "a read sees the table at slot \(seen), and slot \(read.required) had been applied somewhere before it began")
        }
        return state
    }

    private func endLife(_ state: inout ReplicaState) {
        for number in state.sent {
            if case .prepare(let word) = vocabulary.messages[Int(number)].message { state.stood = max(state.stood, word.ballot) }
        }
        // Nobody takes an earlier life's words any more.
        if scenario.restartsAreKnown { state.sent = [] }
    }

    /// Words to an earlier life of a replica whose new life is known to all change nothing: it would introduce itself again.
    private func forgetLost(_ state: inout ReplicaState, _ envelope: Envelope) {
        guard scenario.restartsAreKnown, case .introduction = envelope.message else { return }
        state.sent.removeAll { number in
            let receiver = vocabulary.messages[Int(number)].to
            return receiver.node == envelope.from.node && receiver.boot != envelope.from.boot
        }
    }

    private func claim(_ rows: [SlottedEntry], _ state: inout ReplicaState) throws {
        for row in rows { state.claimed |= try vocabulary.bit(of: Vocabulary.Value(row)) }
    }

    /// Nothing is said that is not durable.
    private func judge(_ envelope: Envelope, _ state: inout ReplicaState) throws {
        let promise = state.ledger.promise
        switch envelope.message {
        case .promise(let word):
            guard word.ballot <= promise else {
                throw Violation(property: "\(word.ballot) is promised, and only \(promise) is durable")
            }
            // A candidate that leads already may be told again what it has proposed itself.
            for row in word.entries where row.entry.ballot < word.ballot {
                let bit = try vocabulary.bit(of: row)
                guard state.votes & bit == 0 else { continue }
                throw Violation(property: "slot \(row.slot) is reported as accepted at \(row.entry.ballot), and is not durable")
            }
        case .prepare(let word):
            guard word.ballot <= promise else {
                throw Violation(property: "\(word.ballot) is proposed, and only \(promise) is durable")
            }
            guard word.ballot > state.stood else { throw Violation(property: "a later life stands under the ballot \(word.ballot) again") }
        case .accept(let word):
            for row in word.rows { try propose(row, &state) }
        case .accepted(let word): try judge(word.acknowledgement, state)
        case .heartbeatReply(let word): try judge(word.acknowledgement, state)
        case .chosenEntries(let word):
            try claim(word.rows, &state)
        case .introduction, .preVote, .preVoteReply, .rejection, .heartbeat, .fetch, .handover: break
        }
    }

    private func propose(_ row: SlottedEntry, _ state: inout ReplicaState) throws {
        let bit = try vocabulary.bit(of: row)
        let number = bit.trailingZeroBitCount
        for rival in Bits(state.proposed & vocabulary.rivals[number]) where vocabulary.votes[rival].ballot == row.entry.ballot {
            throw Violation(property: "the ballot \(row.entry.ballot) is used for two values of slot \(row.slot)")
        }
        state.proposed |= bit
    }

    private func judge(_ acknowledgement: Acknowledgement, _ state: ReplicaState) throws {
        // Of a leader that this life has not heard, it acknowledges nothing new.
        guard let heard = state.heard, heard.ballot == acknowledgement.ballot else { return }
        guard acknowledgement.ballot <= state.ledger.promise else {
            throw Violation(property: "accepted at \(acknowledgement.ballot), and only \(state.ledger.promise) is durable")
        }
        var slot = heard.first
        while slot <= acknowledgement.upTo {
            let isVoted = Bits(state.votes).contains {
                vocabulary.votes[$0].slot == slot && vocabulary.votes[$0].ballot == acknowledgement.ballot
            }
            guard isVoted || slot <= state.group.chosenUpTo && state.ledger[slot] != nil else {
                throw Violation(property: "slot \(slot) is acknowledged at \(acknowledgement.ballot), and is not durable")
            }
            slot = slot.next
        }
    }
}

extension Message {
    /// Tells a candidate or a leader of a higher ballot.
    fileprivate var isRefusal: Bool {
        switch self {
        case .rejection: true
        case .preVoteReply(let word): !word.isGranted
        default: false
        }
    }
}
