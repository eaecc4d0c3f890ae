import Paxos

/// Properties that are looked at after every turn.
extension Cluster {
    /// At most one replica may answer reads at any true time, and it has applied everything acknowledged.
    mutating func checkLeases() throws {
        var holder: NodeID?
        for index in nodes.indices {
            guard let group = nodes[index].group, group.isReadable, group.leaseHolds(at: nodes[index].local(time)) else { continue }
            if let other = holder { throw Violation(description: "\(other) and \(nodes[index].node) both hold a lease") }
            holder = nodes[index].node
            try check(
                group.appliedUpTo >= checks.acknowledgedUpTo,
                "\(nodes[index].node) reads at slot \(group.appliedUpTo), but slot \(checks.acknowledgedUpTo) has been acknowledged")
        }
    }

    /// Within the lease that it granted, in this life or an earlier one, a replica promises no other ballot, and stands under none of
    /// its own, unless the lease was given up. It may follow a leader that others elected.
    mutating func checkGranted(_ index: Int, promised: Ballot, _ input: Input, _ output: Output) throws {
        var released: Ballot?
        var hasPrepare = false
        if case .received(let envelope) = input {
            switch envelope.message {
            case .prepare(let word): (released, hasPrepare) = (word.released, true)
            case .handover(let word): released = word.ballot
            default: break
            }
        }
        guard hasPrepare || output.notices.contains(.standing(promised)) else { return }
        let (ballot, until) = nodes[index].granted
        try check(
            ballot == released || time >= until,
            "\(nodes[index].node) promises \(promised) within the lease that it granted to \(ballot)")
        // Given up once is given up for good.
        nodes[index].granted = (.zero, 0)
    }

    private mutating func noteGrant(_ word: HeartbeatReply, _ index: Int) {
        let holder = nodes[self.index(word.ballot.node)]
        guard settings.leasedReads, holder.group?.leads == word.ballot else { return }
        let until = holder.time(word.sentAt + settings.lease)
        if nodes[index].granted.ballot != word.ballot || nodes[index].granted.until < until { nodes[index].granted = (word.ballot, until) }
    }

    /// A read that asked a quorum may be answered once the quorum's echo is as new as the read.
    mutating func checkReads(_ index: Int) throws {
        guard let group = nodes[index].group, group.isReadable, let confirmedAt = group.confirmedAt else { return }
        let node = nodes[index].node
        for read in reads where read.node == node && read.life == nodes[index].lifeCount && read.ballot == group.promised {
            guard confirmedAt >= read.startedLocally else { continue }
            readsAnswered += 1
            try check(
                group.appliedUpTo >= read.needs,
                "\(node) answers a confirmed read at slot \(group.appliedUpTo), but \(read.needs) had been acknowledged before")
        }
        reads.removeAll { $0.node == node && confirmedAt >= $0.startedLocally }
    }

    mutating func checkLearned(_ index: Int) throws {
        guard let group = nodes[index].group else { return }
        try check(
            group.chosenUpTo <= checks.chosenUpTo,
            "\(nodes[index].node) holds slot \(group.chosenUpTo) for chosen, but only \(checks.chosenUpTo) is")
        try checkReads(index)
    }

    mutating func checkStaleness(_ index: Int) throws {
        let now = nodes[index].local(time)
        guard let span = nodes[index].group?.staleness(at: now) else { return }
        staleChecked += 1
        try check(span >= .zero, "\(nodes[index].node) knows the future")
        let asOf = span == .zero ? time : nodes[index].time(now - span)
        try check(
            nodes[index].appliedUpTo >= checks.acknowledged(before: asOf),
            "\(nodes[index].node) claims \(span.milliseconds) ms of staleness at slot \(nodes[index].appliedUpTo); \(checks.acknowledged(before: asOf)) was acknowledged by then"
        )
    }

    /// A word that rests on a write leaves only once the disk holds that write.
    mutating func checkSent(_ envelope: Envelope, _ index: Int) throws {
        let ledger = nodes[index].ledger
        let node = nodes[index].node
        switch envelope.message {
        case .prepare(let word):
            try check(ledger.promise >= word.ballot, "\(node)'s prepare \(word.ballot) left before its ballot was durable")
            nodes[index].saidBallot = max(nodes[index].saidBallot, word.ballot)
        case .promise(let word):
            try check(ledger.promise >= word.ballot, "\(node)'s promise \(word.ballot) left before it was durable")
            try check(word.ballot >= nodes[index].saidBallot, "\(node) promises \(word.ballot) after \(nodes[index].saidBallot)")
            nodes[index].saidBallot = word.ballot
            for row in word.entries where row.entry.ballot < word.ballot {
                try check(ledger[row.slot] == row.entry, "\(node) reports slot \(row.slot) before it is durable")
            }
        case .accepted(let word): try checkAcknowledged(word.acknowledgement, index)
        case .heartbeatReply(let word):
            try check(word.ballot >= nodes[index].saidBallot, "\(node) follows \(word.ballot) after \(nodes[index].saidBallot)")
            try checkAcknowledged(word.acknowledgement, index)
            noteGrant(word, index)
        case .introduction(let word):
            try check(ledger.membership.stage == word.stage, "\(node) says \(word.stage) before that is durable")
        case .accept(let word):
            try check(ledger.promise >= word.ballot, "\(node) proposes under \(word.ballot), which is not durable")
            firstSlots[word.ballot] = word.ballotFirst
        case .chosenEntries(let word):
            for (offset, entry) in word.entries.enumerated() {
                try checks.applied(SlottedEntry(slot: word.first.advanced(by: offset), entry: entry), by: node)
            }
        case .preVote, .preVoteReply, .rejection, .heartbeat, .fetch, .handover: break
        }
    }

    private mutating func checkAcknowledged(_ word: Acknowledgement, _ index: Int) throws {
        guard word.ballot > .zero else { return }
        let node = nodes[index].node
        let ledger = nodes[index].ledger
        try check(ledger.promise >= word.ballot, "\(node) acknowledges \(word.ballot) before it is durable")
        if word.ballot != nodes[index].checkedBallot {
            nodes[index].checkedBallot = word.ballot
            nodes[index].checkedUpTo = ledger.chosenUpTo
        }
        var slot = max(nodes[index].checkedUpTo, ledger.chosenUpTo).next
        while slot <= word.upTo {
            // Below the ballot's first slot everything is chosen already.
            let isChosen = slot <= checks.chosenUpTo && ledger[slot].map { checks.value(slot) == Checks.Value($0) } ?? false
            let isBelow = firstSlots[word.ballot].map { slot < $0 } ?? false
            try check(
                isBelow || isChosen || ledger[slot]?.ballot == word.ballot,
                "\(node) acknowledges \(word.upTo) of \(word.ballot), but its ledger holds \(String(describing: ledger[slot])) at \(slot)")
            slot = slot.next
        }
        nodes[index].checkedUpTo = max(nodes[index].checkedUpTo, word.upTo)
    }
}
