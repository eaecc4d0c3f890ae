import Paxos

/// One shard's leases, to somebody who knows what every clock shows at any true time: what a granter may not promise, and what a
/// holder may not believe. A broken lease is seen here at once; before a read is stale, much else has to go wrong.
struct LeaseCheck {
    /// A granter's newest word: it promises no other ballot before the holder's clock has gone on by a lease from `askedAt`.
    private struct Grant {
        let ballot: Ballot
        /// On the holder's clock, over restarts of its machine.
        let askedAt: Int64
        let granter: Voter
    }

    private let lease: Span
    /// By the node's place.
    private let clocks: [NodeClock]
    private var grants: [Grant?]
    /// By the ballot of a prepare that was heard: the one whose lease it says was given up.
    private var heard: [[Ballot: Ballot]]
    /// A promise that was made, or a candidate's own ballot that was taken, within the lease of another ballot.
    private var broken: [(promise: Ballot, lease: Ballot)?]
    /// The newest ballot that was led under.
    private var elected = Ballot.zero
    /// By ballot: when its leader's machine had started, on the clock that goes on over restarts.
    private var machineBegun: [Ballot: Int64] = [:]

    init(clocks: [NodeClock], lease: Span = Settings().lease) {
        self.clocks = clocks
        self.lease = lease
        grants = clocks.map { _ in nil }
        heard = clocks.map { _ in [:] }
        broken = clocks.map { _ in nil }
    }

    private func isInForce(_ grant: Grant, at now: Instant) -> Bool {
        clocks[place(grant.ballot.node)].total(at: now) < grant.askedAt + lease.nanoseconds
    }

    private func place(_ node: NodeID) -> Int { Int(node.rawValue) - 1 }

    // MARK: Granters

    mutating func hears(_ message: Message, at node: NodeID) {
        if case .prepare(let word) = message, let released = word.released { heard[place(node)][word.ballot] = released }
    }

    /// The promise is in force from here on; nobody is told before it is synced.
    mutating func writes(_ promise: Ballot, at node: NodeID, _ now: Instant) {
        // An earlier life may have begun to write it, and have told nobody.
        if broken[place(node)]?.promise == promise { broken[place(node)] = nil }
        guard let grant = grants[place(node)], grant.ballot < promise, isInForce(grant, at: now) else { return }
        broken[place(node)] = (promise, grant.ballot)
    }

    /// What must not be said while a lease is in force.
    mutating func says(_ message: Message, by granter: Voter) -> String? {
        let node = granter.node
        switch message {
        case .heartbeatReply(let word):
            let known = grants[place(node)]
            let grant = Grant(
                ballot: word.ballot, askedAt: machineBegun[word.ballot, default: 0] + word.sentAt.nanoseconds, granter: granter)
            if known.map({ $0.ballot < grant.ballot || ($0.ballot == grant.ballot && $0.askedAt < grant.askedAt) }) ?? true {
                grants[place(node)] = grant
            }
            return nil
        case .promise(let word): return promises(word.ballot, releasing: heard[place(node)][word.ballot], node)
        case .prepare(let word): return promises(word.ballot, releasing: word.released, node)
        default: return nil
        }
    }

    private mutating func promises(_ ballot: Ballot, releasing released: Ballot?, _ node: NodeID) -> String? {
        guard let word = broken[place(node)], word.promise == ballot else { return nil }
        guard word.lease == released else { return "leases: \(node) promises \(ballot) within the lease that it granted to \(word.lease)" }
        // Given up once is given up for good.
        broken[place(node)] = nil
        if grants[place(node)]?.ballot == released { grants[place(node)] = nil }
        return nil
    }

    // MARK: Holders

    mutating func leads(_ ballot: Ballot) {
        elected = max(elected, ballot)
        machineBegun[ballot] = clocks[place(ballot.node)].begun
    }

    /// Of a leader that takes its lease to hold, under this configuration.
    func holds(_ ballot: Ballot, _ configuration: Configuration?, at now: Instant) -> String? {
        if elected > ballot { return "leases: \(ballot.node) holds one under \(ballot), and \(elected) leads" }
        let granters = grants.count { grant in
            guard let grant, grant.ballot == ballot, grant.granter.node != ballot.node, isInForce(grant, at: now) else { return false }
            return configuration?.names(grant.granter) ?? false
        }
        if let configuration, granters + 1 >= configuration.majority { return nil }
        return "leases: \(ballot.node) takes its lease under \(ballot) to hold, and only \(granters) others still grant it"
    }
}
