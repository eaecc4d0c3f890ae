import Paxos

/// What storage does about lost directories, compaction and snapshots.
extension Bench {
    /// The directory is lost; the process starts with an empty one.
    mutating func wipe(_ node: NodeID, incarnation: UInt64) {
        ledgers[index(node)] = LedgerModel(incarnation: Incarnation(rawValue: incarnation))
        applied[index(node)] = []
        restart(node)
    }

    /// `peer`'s table, as it is now, becomes `node`'s.
    @discardableResult
    mutating func install(from peer: NodeID, at node: NodeID) -> Output {
        install(ledgers[index(peer)].table(at: self[peer].appliedUpTo), at: node)
    }

    @discardableResult
    mutating func install(_ table: TableModel, at node: NodeID) -> Output {
        let replayThrough = self[node].awaitsSnapshot?.replayThrough ?? table.slot
        return step(
            node, .snapshotInstalled(ledgers[index(node)].install(table, as: self[node].identity.life, replayThrough: replayThrough)))
    }

    /// The newest wish of `node`, if it has said one.
    func isWished(by node: NodeID) -> Bool { wishes.contains { $0.node == node } }

    /// Time goes by for everybody, and whatever follows from it happens.
    mutating func live(_ times: Int, losing isLost: (Envelope) -> Bool = { _ in false }) throws {
        for _ in 0..<times {
            pass(settings.heartbeatInterval)
            for node in members { tick(node) }
            try settle(losing: isLost)
        }
    }

    /// A leader, a member that is lost, and a newcomer in its place that has not been given it.
    mutating func lose(_ node: NodeID, underLeader leader: NodeID, newcomer: UInt64 = 999) throws {
        try elect(leader)
        propose(["a", "b"], at: leader)
        try settle()
        wipe(node, incarnation: newcomer)
        tick(node)
        try settle()
        // The leader has to have missed it for a while.
        try live(20)
    }

    func leaderOfAll() -> NodeID? { members.first { self[$0].isReadable } }
}
