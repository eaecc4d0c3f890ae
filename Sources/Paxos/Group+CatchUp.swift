/// Chosen entries fetched from any peer, one run at a time.
struct Fetching: Hashable, Sendable {
    var peer: NodeID
    var through: Slot
    var sentAt: Instant
    /// An answer was not taken in, because the table lags too far behind.
    var waitsForTable = false
}

extension Group {
    /// What a heartbeat says is chosen, and what of it can't come by itself: slots below the ballot's first, or slots that were
    /// already chosen a heartbeat ago and still have not come.
    mutating func fetchWhatIsMissing(_ announced: Slot, from leader: NodeID, _ now: Instant, _ output: inout Output) {
        let before = acceptance.announced
        acceptance.announced = max(acceptance.announced, announced)
        guard chosenUpTo < announced else { return }
        if chosenUpTo.next < acceptance.first || acceptance.upTo < before { fetch(through: announced, from: leader, now, &output) }
    }

    mutating func fetch(through: Slot, from peer: NodeID, _ now: Instant, _ output: inout Output) {
        guard awaited == nil else { return }
        if let current = fetching {
            fetching?.through = max(through, current.through)
            return
        }
        fetching = Fetching(peer: peer, through: through, sentAt: now)
        sendFetch(now, &output)
    }

    private mutating func sendFetch(_ now: Instant, _ output: inout Output) {
        guard let current = fetching else { return }
        fetching?.sentAt = now
        fetching?.waitsForTable = false
        send(.fetch(Fetch(from: chosenUpTo.next, through: current.through)), to: current.peer, &output)
    }

    /// A log whose table is too far behind takes in no more.
    var tableHasRoom: Bool {
        let count = unappliedCount
        return count == 0 || count <= settings.applyingEntriesMax * 4 && log.byteCount <= 2 * settings.heldBytesMax
    }

    /// What is chosen and waits in memory for being applied; what a snapshot has to bring does not.
    var unappliedCount: Int { max(appliedUpTo, log.start.previous).distance(to: chosenUpTo) }

    mutating func fetchOnceTableHasRoom(_ now: Instant, _ output: inout Output) {
        if fetching?.waitsForTable ?? false, tableHasRoom { sendFetch(now, &output) }
    }

    /// A peer that does not answer is left for the next one.
    mutating func tickFetch(_ now: Instant, _ output: inout Output) {
        guard let current = fetching, now >= current.sentAt + settings.fetchTimeout else { return }
        let others = otherLives.map(\.node)
        guard chosenUpTo < current.through, !others.isEmpty else {
            fetching = nil
            return
        }
        fetching?.peer = others.first { $0 > current.peer } ?? others[0]
        sendFetch(now, &output)
    }

    /// Everything up to the chosen index is served: from memory, or, as far as it is durable, from the ledger.
    mutating func hear(_ word: Fetch, from node: NodeID, _ output: inout Output) {
        guard word.from <= word.through, word.from > .none else { return }
        if word.from >= log.start {
            let through = min(word.through, chosenUpTo)
            let entries = log.entries(from: word.from, through: through, byteLimit: settings.messageBytesMax)
            answer(node, first: word.from, entries, &output)
        } else {
            // The ledger may still hold an older acceptance where a chosen value is on its way into it.
            let through = min(word.through, appliableUpTo, log.start.previous)
            guard through >= word.from else { return answer(node, first: word.from, [], &output) }
            output.reads.append(LogRequest(peer: node, from: word.from, through: through))
        }
    }

    mutating func answerFetch(_ request: LogRequest, with rows: LogRows, _ output: inout Output) {
        var entries: [Entry] = []
        for row in rows.entries where row.slot == request.from.advanced(by: entries.count) && row.slot <= request.through {
            entries.append(row.entry)
        }
        // Who has neither the rows nor a table with what they came to has nothing to offer: the peer asks the next one.
        let compactedUpTo = rows.compactedUpTo <= appliedUpTo ? rows.compactedUpTo : .none
        answer(request.peer, first: request.from, entries, compactedUpTo: compactedUpTo, &output)
    }

    private func answer(_ node: NodeID, first: Slot, _ entries: [Entry], compactedUpTo: Slot = .none, _ output: inout Output) {
        send(
            .chosenEntries(ChosenEntries(first: first, entries: entries, chosenUpTo: chosenUpTo, compactedUpTo: compactedUpTo)), to: node,
            &output)
    }

    mutating func hear(_ word: ChosenEntries, from node: NodeID, _ now: Instant, _ output: inout Output) {
        guard word.first <= chosenUpTo.next, leadership == nil else { return }
        if word.entries.isEmpty, word.compactedUpTo >= chosenUpTo.next {
            // Nobody asked for words of a fetch that is over.
            guard fetching != nil || candidacy != nil else { return }
            return awaitSnapshot(atLeast: word.compactedUpTo, askingFirst: node, now, &output)
        }
        guard tableHasRoom else {
            fetching?.waitsForTable = true
            return
        }
        var stored: [SlottedEntry] = []
        for (offset, entry) in word.entries.enumerated() {
            let slot = word.first.advanced(by: offset)
            guard slot > chosenUpTo else { continue }
            log.store(entry, at: slot)
            stored.append(SlottedEntry(slot: slot, entry: entry))
        }
        guard let first = stored.first?.slot, let last = stored.last?.slot else { return }
        unsyncedFetch = unsyncedFetch ?? first
        choose(upTo: last, now, &output)
        // Entries and chosen index in one transaction: what is fetched is stored as chosen.
        let number = write(entries: stored, now, &output)
        vows.hold(.store(from: first, upTo: last), until: number)
        joinAcceptance(now, &output)
        candidacy?.startedAt = now
        continueFetch(from: node, now, &output)
        leadIfPromised(now, &output)
    }

    /// What is known to be chosen counts as acknowledged, and early runs may follow on it.
    mutating func joinAcceptance(_ now: Instant, _ output: inout Output) {
        guard acceptance.upTo < chosenUpTo else { return learn(chosenUpTo: acceptance.announced, now, &output) }
        acceptance.upTo = chosenUpTo
        while let entry = log[acceptance.upTo.next], entry.ballot == acceptance.ballot { acceptance.upTo = acceptance.upTo.next }
        if acceptance.ballot == promised, acceptance.ballot > .zero {
            var accepted: [SlottedEntry] = []
            acceptEarly(&accepted)
            holdAcceptance(of: accepted, now, &output)
        }
        learn(chosenUpTo: acceptance.announced, now, &output)
    }

    private mutating func continueFetch(from node: NodeID, _ now: Instant, _ output: inout Output) {
        guard let current = fetching else { return }
        if chosenUpTo < current.through {
            fetching?.peer = node
            sendFetch(now, &output)
        } else {
            fetching = nil
        }
    }
}
