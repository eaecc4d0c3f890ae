import Paxos

/// Ledger writes, the table, crashes.
extension Cluster {
    /// At most one write is under way; what comes meanwhile gathers.
    mutating func writeNext(_ index: Int) {
        guard nodes[index].writing == nil, let write = nodes[index].gathered else { return }
        nodes[index].writing = write
        nodes[index].gathered = nil
        var done = time + chance.number(faults.syncDelay)
        if chance.isTrue(perThousand: faults.stalledPerThousand) { nodes[index].stalledUntil = done + 3000 * Faults.millisecond }
        done = max(done, nodes[index].stalledUntil)
        queue.push(.committed(nodes[index].node, life: nodes[index].lifeCount), at: done)
    }

    mutating func commit(_ node: NodeID) throws {
        let index = index(node)
        guard let write = nodes[index].writing else { return }
        try makeDurable(write, index)
        nodes[index].writing = nil
        writeNext(index)
        try feed(.persisted(SyncReceipt(committed: write)), to: node)
    }

    private mutating func makeDurable(_ write: LedgerWrite, _ index: Int) throws {
        try nodes[index].ledger.commit(write)
        if let membership = write.membership, membership.stage == .born { try checks.born(membership.genesis) }
        for row in write.entries { try checks.voted(row, by: nodes[index].life) }
        // A row may be replaced later in the same write; at or below the chosen index all of them hold what is chosen.
        if let slot = write.chosenUpTo {
            for back in 0..<min(50, slot.rawValue) {
                let place = Slot(slot.rawValue - back)
                guard let row = nodes[index].ledger[place] else { continue }
                try checks.applied(SlottedEntry(slot: place, entry: row), by: nodes[index].node)
            }
        }
    }

    mutating func applyNext(_ index: Int) {
        guard !nodes[index].isApplying, !nodes[index].applying.isEmpty else { return }
        nodes[index].isApplying = true
        schedule(.applied(nodes[index].node, life: nodes[index].lifeCount), after: faults.applyDelay)
    }

    mutating func apply(_ node: NodeID) throws {
        let index = index(node)
        guard nodes[index].pausedUntil <= time else {
            return queue.push(.applied(node, life: nodes[index].lifeCount), at: nodes[index].pausedUntil)
        }
        // A snapshot took the place of a table that had not come so far.
        guard !nodes[index].applying.isEmpty else {
            nodes[index].isApplying = false
            return
        }
        let count = Int(chance.number(1...Int64(nodes[index].applying.count)))
        let rows = Array(nodes[index].applying.prefix(count))
        nodes[index].applying.removeFirst(count)
        nodes[index].isApplying = false
        for row in rows {
            try check(row.slot == nodes[index].appliedUpTo.next, "\(node) applies \(row.slot) after \(nodes[index].appliedUpTo)")
            nodes[index].appliedUpTo = row.slot
        }
        if chance.isTrue(perThousand: 100) { nodes[index].tableDurable = nodes[index].appliedUpTo }
        applyNext(index)
        try feed(.applied(upTo: nodes[index].appliedUpTo), to: node)
        for row in rows { acknowledge(row, by: node) }
    }

    /// The node that proposed a command answers for it once it has applied it, leader still or not.
    private mutating func acknowledge(_ row: SlottedEntry, by node: NodeID) {
        guard case .command(let command) = row.entry.content else { return }
        if proposed.contains(where: { $0.slot == row.slot && $0.node == node && $0.command == command }) {
            checks.acknowledge(row.slot, at: time)
        }
        proposed.removeAll { $0.node == node && $0.slot <= row.slot }
    }

    mutating func crash(_ index: Int) throws {
        guard nodes[index].group != nil else { return }
        record("\(nodes[index].node) crashes")
        // What was on its way to the disk may have arrived there or not.
        if let write = nodes[index].writing, chance.isTrue(perThousand: 500) { try makeDurable(write, index) }
        nodes[index].group = nil
        nodes[index].lifeCount += 1
        nodes[index].writing = nil
        nodes[index].gathered = nil
        nodes[index].applying = []
        nodes[index].isApplying = false
        nodes[index].waiting = []
        nodes[index].pausedUntil = 0
        nodes[index].stalledUntil = 0
        nodes[index].wakesAt = .max
        let node = nodes[index].node
        proposed.removeAll { $0.node == node }
    }

    /// Starts from what the disk holds: rows up to the ledger's chosen index are applied before the core starts.
    mutating func start(_ node: NodeID) throws {
        let index = index(node)
        guard nodes[index].group == nil else { return }
        nodes[index].ledger.boot = Boot(rawValue: nodes[index].ledger.boot.rawValue + 1)
        nodes[index].clockBase = nodes[index].local(time).nanoseconds
        // The machine was started anew, not just the process.
        if chance.isTrue(perThousand: 500) { nodes[index].clockBase = chance.number(0...2000 * Faults.millisecond) }
        nodes[index].clockSince = time
        nodes[index].clockDrift = chance.number(faults.drift)
        let isWhole = nodes[index].tableDurable >= nodes[index].ledger.compactedUpTo
        let table = isWhole ? max(nodes[index].tableDurable, nodes[index].ledger.chosenUpTo) : nodes[index].tableDurable
        var slot = nodes[index].tableDurable.next
        while slot <= table {
            guard let row = nodes[index].ledger[slot] else { throw Violation(description: "\(node) lacks the chosen row \(slot)") }
            try checks.applied(SlottedEntry(slot: slot, entry: row), by: node)
            slot = slot.next
        }
        nodes[index].appliedUpTo = table
        nodes[index].tableDurable = table
        nodes[index].chosenChecked = table
        nodes[index].group = Group(
            state: nodes[index].ledger.state(node: node), appliedUpTo: nodes[index].tableDurable, firstMembers: members,
            preferredLeader: preferred, settings: settings, at: nodes[index].local(time))
        try check(
            nodes[index].ledger.promise >= nodes[index].saidBallot,
            "\(node) forgot that it promised \(nodes[index].saidBallot): its ledger says \(nodes[index].ledger.promise)")
        record("\(node) starts, boot \(nodes[index].ledger.boot.rawValue), chosen \(table), promised \(nodes[index].ledger.promise)")
        try feed(.ticked(chance: chance.next()), to: node)
    }
}
