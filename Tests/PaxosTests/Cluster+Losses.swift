import Paxos

/// Lost directories and tables, logs that are given up, and what is done about it: an operator who replaces lost members, snapshots from
/// peer to peer. One loss at a time: the next comes once nothing rests on the last one any more.
extension Cluster {
    mutating func startLosses() {
        queue.push(.loss, at: 1000 * Faults.millisecond)
        queue.push(.compaction, at: 500 * Faults.millisecond)
        queue.push(.operation, at: 500 * Faults.millisecond)
    }

    mutating func lose() throws {
        queue.push(.loss, at: time + losses.number(1...800 * Faults.millisecond))
        guard hasFaults, isWhole else { return }
        let index = Int(losses.next() % UInt64(nodes.count))
        guard losses.isTrue(perThousand: 600) else { return try loseTable(index) }
        try crash(index)
        nodes[index].lose(to: Incarnation(rawValue: losses.next() | 1))
        lossCount += 1
        record("\(nodes[index].node) has lost its directory")
        queue.push(.restart(nodes[index].node), at: time + losses.number(1...500 * Faults.millisecond))
    }

    private mutating func loseTable(_ index: Int) throws {
        try crash(index)
        nodes[index].tableDurable = .none
        nodes[index].lacksTable = nodes[index].ledger.compactedUpTo > .none
        record("\(nodes[index].node) has lost its table, and its log up to \(nodes[index].ledger.compactedUpTo) is given up")
        queue.push(.restart(nodes[index].node), at: time + losses.number(1...500 * Faults.millisecond))
    }

    /// Everybody is a voter with a table, and nobody needs a quorum of an earlier configuration any more.
    var isWhole: Bool {
        guard let newest = checks.configurations.last, newest.configuration.members.allSatisfy(\.isVoter) else { return false }
        let settled = newest.slot == .none ? Slot.none : newest.slot.advanced(by: settings.alpha).previous
        return nodes.allSatisfy { !$0.lacksTable && $0.ledger.membership.stage == .born && $0.ledger.chosenUpTo >= settled }
    }

    mutating func compact() {
        queue.push(.compaction, at: time + losses.number(1...300 * Faults.millisecond))
        let index = Int(losses.next() % UInt64(nodes.count))
        guard !nodes[index].lacksTable else { return }
        nodes[index].ledger.compact(upTo: min(nodes[index].tableDurable, nodes[index].ledger.chosenUpTo))
    }

    /// Somebody who asks every leader to replace what is lost, again and again.
    mutating func operate() throws {
        queue.push(.operation, at: time + 150 * Faults.millisecond)
        for lost in nodes where lost.isNewcomer {
            guard checks.configurations.last.map({ !$0.configuration.names(lost.life) }) ?? false else { continue }
            for node in members where nodes[index(node)].group?.isReadable ?? false {
                try feed(.replacementWanted(lost.node), to: node)
            }
        }
    }

    /// Asks one peer after the other, over a slow link.
    mutating func fetchSnapshot(_ node: NodeID, lifeCount: Int) throws {
        let index = index(node)
        guard nodes[index].lifeCount == lifeCount, let wish = nodes[index].group?.awaitsSnapshot else { return }
        let peer = losses.isTrue(perThousand: 500) ? wish.peer : losses.pick(members)
        let at = time + losses.number(1...400 * Faults.millisecond)
        let server = nodes[self.index(peer)]
        guard peer != node, server.group != nil, !server.lacksTable, server.appliedUpTo >= wish.atLeast else {
            return queue.push(.snapshotWanted(node, life: lifeCount), at: at)
        }
        queue.push(.snapshotCame(node, life: lifeCount, table(at: server.appliedUpTo)), at: at)
    }

    /// What any replica's table is at this slot.
    private func table(at slot: Slot) -> TableModel {
        TableModel(
            slot: slot, stamp: checks.value(slot)?.stamp ?? .zero, configurations: checks.configurations.filter { $0.slot <= slot })
    }

    mutating func install(_ table: TableModel, at node: NodeID, lifeCount: Int) throws {
        let index = index(node)
        guard nodes[index].lifeCount == lifeCount, let wish = nodes[index].group?.awaitsSnapshot else { return }
        guard nodes[index].pausedUntil <= time else {
            return queue.push(.snapshotCame(node, life: lifeCount, table), at: nodes[index].pausedUntil)
        }
        guard table.slot >= wish.atLeast else { return queue.push(.snapshotWanted(node, life: lifeCount), at: time) }
        let installed = nodes[index].ledger.install(table, as: nodes[index].life, replayThrough: wish.replayThrough)
        snapshotCount += 1
        nodes[index].takeTable(at: installed.appliedUpTo)
        record("\(node) has installed a snapshot at \(table.slot), and rows up to \(installed.appliedUpTo)")
        // The process may end between the transaction and the core's word of it.
        guard !losses.isTrue(perThousand: 100) || !hasFaults else {
            try crash(index)
            return queue.push(.restart(node), at: time + losses.number(1...500 * Faults.millisecond))
        }
        try feed(.snapshotInstalled(installed), to: node)
    }
}

extension VirtualNode {
    var life: Life { Life(node: node, incarnation: ledger.incarnation) }

    /// An empty directory: whoever starts from it knows nothing of what this node has said.
    fileprivate mutating func lose(to incarnation: Incarnation) {
        ledger = LedgerModel(incarnation: incarnation)
        (tableDurable, appliedUpTo, chosenChecked) = (.none, .none, .none)
        lacksTable = true
        isNewcomer = true
        saidBallot = .zero
        (checkedBallot, checkedUpTo) = (.zero, .none)
        granted = (.zero, 0)
    }

    fileprivate mutating func takeTable(at slot: Slot) {
        appliedUpTo = slot
        tableDurable = slot
        applying = []
        if ledger.membership.stage == .born { isNewcomer = false }
        // Without a place it has to have another one.
        lacksTable = isNewcomer
    }
}
