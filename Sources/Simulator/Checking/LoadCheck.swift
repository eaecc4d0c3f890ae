import Paxos
import Replica

/// Whether every queue of one shard on one node is within its bound.
struct LoadCheck {
    private let limits: Paxos.Settings
    private let shard: ShardLimits
    /// No entry of any client is larger.
    private static let entryBytesMax = 16 << 10
    private static let entryBytesMin = 32

    init(_ limits: SimulationLimits) {
        self.limits = limits.group
        shard = limits.shard
    }

    /// Holds at the end of each turn.
    func problem(_ load: ShardLoad) -> String? {
        var problem: String?
        func bound(_ name: StaticString, _ number: Int, _ max: Int) {
            if number > max { problem = "bounds: \(name): \(number), and \(max) is the most" }
        }
        bound("proposals", load.proposals, shard.proposalsMax)
        bound("bytes of proposals", load.proposalBytes, shard.proposalBytesMax)
        bound("reads", load.reads, shard.readsMax)
        // The session is opened, or kept alive, by one more.
        bound("writes of clients", load.writes, shard.writesMax + 1)
        bound("reads of clients", load.queries, shard.queriesMax)
        let group = load.group
        let message = max(limits.messageBytesMax, Self.entryBytesMax)
        // Applied entries are given up while there are too many, or too many bytes, until only what is not applied is left.
        bound("applied entries in memory", group.retained, limits.retainedEntriesMax)
        if group.unapplied + group.open == 0 { bound("bytes of applied entries in memory", group.logBytes, limits.retainedBytesMax) }
        // A replica takes in nothing while its table is so far behind; one more message may come, and α slots are open.
        let run = message / Self.entryBytesMin
        bound("entries not applied", group.unapplied, 4 * limits.applyingEntriesMax + limits.alpha + run)
        // A follower hears a little later than its leader what is chosen.
        bound("open slots", group.open, 2 * limits.alpha + run)
        bound("slots proposed and not chosen", group.unproven, limits.alpha)
        bound("runs before their turn", group.earlyRuns, limits.alpha)
        bound("bytes before their turn", group.earlyBytes, limits.flightBytesMax)
        // A leader stops at the bound, and may have to recover as much; a replica whose table lags takes in twice as much; and what one
        // leader has left open stays beside what the next ones bring.
        bound("bytes of the log in memory", group.logBytes, 6 * limits.heldBytesMax + limits.flightBytesMax + message)
        // The last message may go beyond.
        bound("bytes on the way to a peer", group.flightBytes, limits.flightBytesMax + message)
        return problem
    }

    /// Holds once everything is answered and every node keeps up: what is left then was forgotten, and would pile up.
    func remainder(_ load: ShardLoad) -> String? {
        let group = load.group
        let left = [
            ("proposals", load.proposals), ("bytes of proposals", load.proposalBytes), ("reads", load.reads),
            ("reads of the ledger", load.ledgerReads), ("writes of clients", load.writes), ("reads of clients", load.queries),
            ("local reads", load.localReads), ("handovers", load.handovers), ("messages to itself", load.loopback),
            ("entries not applied", group.unapplied), ("slots not chosen", group.unproven), ("runs before their turn", group.earlyRuns),
            ("bytes before their turn", group.earlyBytes), ("bytes on the way to a peer", group.flightBytes), ("vows", group.vows),
        ].filter { $0.1 != 0 }
        if left.isEmpty { return nil }
        return "bounds: nobody waits for anything, and there are " + left.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}
