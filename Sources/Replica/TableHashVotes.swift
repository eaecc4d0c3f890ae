package import Paxos

/// What the replicas' tables were, slot by slot, as their leader hears it: a table that differs from a quorum's has gone wrong.
package struct TableHashVotes: Hashable {
    /// Slots whose votes are kept: those behind have been agreed on, or never will be.
    package static let slotsMax = 16
    /// An agreement is an entry of the log, so it has its price.
    package static let interval = Span.milliseconds(1000)

    /// Ascending.
    private var polls: [Poll] = []
    /// When the log was last told.
    private var agreedAt: Instant?

    private struct Poll: Hashable {
        let slot: Slot
        var votes: [Vote] = []
        /// A quorum's.
        var agreed: UInt64?
        /// It stands in the log, or soon will.
        var isTold = false
    }

    private struct Vote: Hashable {
        let node: NodeID
        let hash: UInt64
    }

    package struct Result: Hashable {
        /// To be told to all, through the log.
        package var agreement: TableHash?
        /// Differ from a quorum at the slot that was voted on; each is named once.
        package var differing: [NodeID] = []

        package init(agreement: TableHash? = nil, differing: [NodeID] = []) {
            self.agreement = agreement
            self.differing = differing
        }
    }

    package init() {}

    /// `voters` and `quorum` are the newest configuration's.
    package mutating func heard(_ hash: TableHash, from node: NodeID, voters: [NodeID], quorum: Int, at now: Instant) -> Result {
        var result = Result()
        guard voters.contains(node), let place = place(of: hash.slot) else { return result }
        guard !polls[place].votes.contains(where: { $0.node == node }) else { return result }
        polls[place].votes.append(Vote(node: node, hash: hash.value))
        let wasAgreed = polls[place].agreed != nil
        guard let agreed = polls[place].agreed ?? quorumHash(at: place, quorum) else { return result }
        polls[place].agreed = agreed
        let differing = polls[place].votes.filter { $0.hash != agreed }.map(\.node)
        result.differing = wasAgreed ? differing.filter { $0 == node } : differing
        // Where somebody differs it has to hear of it: that is worth an entry at any time.
        let isDue = agreedAt.map { now >= $0 + Self.interval } ?? true
        guard !polls[place].isTold, isDue && !wasAgreed || !result.differing.isEmpty else { return result }
        polls[place].isTold = true
        agreedAt = now
        result.agreement = TableHash(slot: hash.slot, value: agreed)
        return result
    }

    private func quorumHash(at place: Int, _ quorum: Int) -> UInt64? {
        let votes = polls[place].votes
        return votes.first { vote in votes.count(where: { $0.hash == vote.hash }) >= quorum }?.hash
    }

    /// Nil for a slot that is older than all that are kept.
    private mutating func place(of slot: Slot) -> Int? {
        if let place = polls.firstIndex(where: { $0.slot == slot }) { return place }
        let place = polls.firstIndex { $0.slot > slot } ?? polls.count
        if polls.count == Self.slotsMax {
            guard place > 0 else { return nil }
            polls.removeFirst()
            polls.insert(Poll(slot: slot), at: place - 1)
            return place - 1
        }
        polls.insert(Poll(slot: slot), at: place)
        return place
    }
}
