/// Writes, the vows that rest on them, and what may be applied.
extension Group {
    /// Gives out a change for the ledger; the chosen index rides along, with the configurations at or below it. Returns its number.
    /// `isAcceptance`: of entries that are not said to be chosen, so that the index may come with a later one.
    @discardableResult
    mutating func write(
        promise: Ballot? = nil, entries: [SlottedEntry] = [], membership: Membership? = nil,
        configurations: [ChosenConfiguration] = [], isAcceptance: Bool = false, _ now: Instant, _ output: inout Output
    ) -> UInt64 {
        writeNumber += 1
        var configurations = configurations
        var chosen: Slot?
        if chosenWritten < chosenUpTo, !(isAcceptance && chosenMayLag(now)) {
            chosen = chosenUpTo
            configurations.append(contentsOf: self.configurations.learned(above: chosenWritten))
            chosenWritten = chosenUpTo
            chosenUnwrittenSince = nil
        }
        let write = LedgerWrite(
            number: writeNumber, promise: promise, entries: entries, chosenUpTo: chosen, membership: membership,
            configurations: configurations)
        if output.write == nil { output.write = write } else { output.write?.merge(write) }
        oldestWriteAt = oldestWriteAt ?? now
        return writeNumber
    }

    /// A chosen index that goes with every acceptance costs a row and a page each time. One that lags leaves more to be chosen again after
    /// a restart, but nothing that was acknowledged: that rests on the index where slots are known to be chosen and not accepted at the
    /// ballot, and those are not left behind.
    private func chosenMayLag(_ now: Instant) -> Bool {
        // Far from α, or what a restart finds might not fit into one ballot's window.
        let lagMax = min(settings.chosenLagSlotsMax, settings.alpha / 8)
        guard chosenWritten.distance(to: chosenUpTo) < lagMax, let chosenUnwrittenSince else { return false }
        return now < chosenUnwrittenSince + settings.chosenLagMax && log[chosenWritten.next]?.ballot == acceptance.ballot
            && configurations.learned(above: chosenWritten).isEmpty
    }

    mutating func persisted(_ receipt: SyncReceipt, _ now: Instant, _ output: inout Output) {
        invariant(receipt.upTo > writesPersisted && receipt.upTo <= writeNumber, "receipts come in the order of their writes, each once")
        writesPersisted = receipt.upTo
        oldestWriteAt = writesPersisted < writeNumber ? now : nil
        var accepted: Kept?
        for kept in vows.release(receipt) {
            switch kept.vow {
            case .stand(let ballot): keptStand(ballot, kept, now, &output)
            case .promise(let ballot, let candidate, let from): sendPromise(ballot, to: candidate, from: from, restingOn: kept, &output)
            case .accept(let word):
                if word.ballot == acceptance.ballot { durableUpTo = max(durableUpTo, word.upTo) }
                accepted = kept
            case .store(_, let upTo):
                durableUpTo = max(durableUpTo, upTo)
                unsyncedFetch = vows.firstStored
            case .choose(let upTo): durableUpTo = max(durableUpTo, upTo)
            case .enter(let stage): keptEnter(stage, now, &output)
            }
        }
        if let accepted { tellAcceptance(restingOn: accepted, now, &output) }
    }

    var acknowledgement: Acknowledgement {
        if case .accept(let word)? = keptAcceptance?.vow { word } else { .none }
    }

    /// Chosen, and durable here: only such entries are applied, so that a table never holds what its own ledger may lack.
    var appliableUpTo: Slot {
        var limit = min(chosenUpTo, durableUpTo)
        if let unsyncedFetch { limit = min(limit, unsyncedFetch.previous) }
        return max(limit, appliedUpTo)
    }

    mutating func handOut(_ now: Instant, _ output: inout Output) {
        guard awaited == nil else { return }
        let limit = min(appliableUpTo, appliedUpTo.advanced(by: settings.applyingEntriesMax))
        while handedUpTo < limit {
            let slot = handedUpTo.next
            guard let entry = log[slot] else {
                invariant(false, "slot \(slot) is chosen and not applied, so it is in memory")
                return
            }
            output.apply.append(SlottedEntry(slot: slot, entry: entry))
            handedUpTo = slot
            applyingSince = applyingSince ?? now
        }
    }

    mutating func applied(upTo slot: Slot, _ now: Instant, _ output: inout Output) {
        invariant(slot <= handedUpTo, "what is applied was handed out")
        // The table that had come so far has been given up for a snapshot.
        guard slot >= appliedUpTo else { return }
        appliedUpTo = slot
        applyingSince = appliedUpTo < handedUpTo ? now : nil
        while log.start <= appliedUpTo, log.count > settings.retainedEntriesMax || log.byteCount > settings.retainedBytesMax {
            log.dropFirst()
        }
        leadershipApplied(now, &output)
        fetchOnceTableHasRoom(now, &output)
    }

    /// Moves the chosen index over entries that are in the log, and takes in configurations on the way.
    mutating func choose(upTo slot: Slot, _ now: Instant, _ output: inout Output) {
        guard slot > chosenUpTo else { return }
        var next = chosenUpTo.next
        while next <= slot {
            guard let entry = log[next] else {
                invariant(false, "slot \(next) is chosen, so its value is known")
                return
            }
            chosenStamp = max(chosenStamp, entry.stamp)
            if case .configuration(let configuration) = entry.content {
                configurations.add(configuration, chosenAt: next)
                include(configuration)
            }
            next = next.next
        }
        chosenUpTo = slot
        chosenUnwrittenSince = chosenUnwrittenSince ?? now
    }

    /// A chosen index that found no write to ride along with for a while gets one, so that a restart has less to ask for.
    mutating func tickChosen(_ now: Instant, _ output: inout Output) {
        guard let since = chosenUnwrittenSince, now >= since + settings.chosenPersistDelay else { return }
        guard oldestWriteAt == nil else {
            chosenUnwrittenSince = now
            return
        }
        write(now, &output)
    }
}
