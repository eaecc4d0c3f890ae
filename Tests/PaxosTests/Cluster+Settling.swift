import Paxos

/// After the faults: somebody leads, everything proposed is applied everywhere, and leadership is where it belongs.
extension Cluster {
    /// The whole run: faults, then calm.
    mutating func runThrough() throws {
        try run(until: 6000 * Faults.millisecond)
        try calm()
        try settle()
    }

    private mutating func settle() throws {
        let limit = time + 90_000 * Faults.millisecond
        let start = checks.acknowledgedCount
        while time < limit {
            try run(until: time + 250 * Faults.millisecond)
            if checks.acknowledgedCount > start + 20, leadsWhereItBelongs { break }
        }
        try check(leadsWhereItBelongs, "90 s after the faults nobody, or the wrong node, leads: \(standing)")
        try check(checks.acknowledgedCount > start + 20, "90 s after the faults hardly anything is acknowledged: \(standing)")
        // No more commands: what is proposed arrives everywhere.
        faults.commandInterval = 1_000_000 * Faults.millisecond...1_000_000 * Faults.millisecond
        // One entry at a time over a slow link takes a while.
        let end = time + 60_000 * Faults.millisecond
        while time < end {
            try run(until: time + 500 * Faults.millisecond)
            if nodes.allSatisfy({ $0.appliedUpTo == checks.chosenUpTo }), unanswered == 0, isWhole { break }
        }
        for node in nodes {
            try check(
                node.appliedUpTo == checks.chosenUpTo, "\(node.node) has applied \(node.appliedUpTo) of \(checks.chosenUpTo): \(standing)")
        }
        try check(isWhole, "a member that was lost is not a voter again: \(standing)")
        try check(unanswered == 0, "\(unanswered) commands proposed after the faults are not answered: \(standing)")
    }

    /// What a deposed leader proposed may be lost; what the leader in office proposed may not.
    private var unanswered: Int {
        proposed.count { command in
            let group = nodes[index(command.node)].group
            return group?.promised == command.ballot && group?.isReadable ?? false
        }
    }

    private var leadsWhereItBelongs: Bool {
        let leaders = nodes.filter { $0.group?.isReadable ?? false }
        guard leaders.count == 1 else { return false }
        return preferred.map { $0 == leaders[0].node } ?? true
    }

    private var standing: String {
        let lines = nodes.map { node in
            let group = node.group
            let standing =
                "\(node.node) \(node.ledger.incarnation) promised \(group?.promised ?? .zero) chosen \(group?.chosenUpTo ?? .none) durably \(node.ledger.chosenUpTo)"
                + " applied \(node.appliedUpTo) leads \(group?.isReadable ?? false) lacks its table \(node.lacksTable) \(node.ledger.membership.stage)"
            let members = group?.configuration?.members.map { "\($0.node) \($0.incarnation) \($0.isVoter ? "votes" : "learns")" } ?? []
            let peers = group?.peerProgress.map { "\($0.node) \($0.incarnation) up to \($0.acknowledged)" } ?? []
            return "\(standing) members \(members) peers \(peers)"
        }
        return lines.joined(separator: "\n")
            + "\npreferred \(String(describing: preferred)), chosen \(checks.chosenUpTo), α \(settings.alpha)"
    }
}
