import Paxos

/// One replica: its core, its disk, what waits, and what must be remembered of it to judge the whole.
struct ReplicaState: Hashable {
    var group: Group
    var ledger = DurableLedger()
    /// Given out and not synced, in order; numbered from the last synced one on.
    var pending: [LedgerWrite] = []
    /// Handed over for applying.
    var handed = Slot.none
    var ledgerReads: [LogRequest] = []
    var read: Read?

    // What has ever been: sets of numbers from `Vocabulary`, which only grow.

    /// Everything that this replica has sent in all its lives. It may come, again and again, in any order, or never.
    var sent: [Int32] = []
    /// The highest ballot that an earlier life stood under.
    var stood = Ballot.zero
    /// Votes that were ever durable here.
    var votes: UInt64 = 0
    /// Votes that this replica asked for as a leader.
    var proposed: UInt64 = 0
    /// Values that this replica has applied, has sent or has durably stored as chosen.
    var claimed: UInt64 = 0
    /// The newest ballot heard of from its leader, and the first slot that it proposed.
    var heard: Heard?

    // How much of what the scenario allows has happened.

    var timeOuts: UInt8 = 0
    var commands: UInt8 = 0
    var heartbeats: UInt8 = 0
    var reads: UInt8 = 0
    var handovers: UInt8 = 0

    struct Heard: Hashable {
        let ballot: Ballot
        let first: Slot
    }

    /// A linearizable read, as `Replica` serves it: what is asked of the core, and when.
    struct Read: Hashable {
        let ballot: Ballot
        let arrivedAt: Instant
        /// The core's chosen index when the read came: the table must have been given as much.
        let needs: Slot
        /// What some replica had applied, and so may have answered for, when the read came.
        let required: Slot
        /// What the table held when it was read; nil until it is given the read.
        var seen: Slot?
        /// The table has answered, and no lease held: a quorum is asked.
        var isConfirming = false
    }

    init(group: Group) { self.group = group }

    var restarts: Int { Int(group.identity.boot.rawValue) - 1 }
    var table: Slot { group.appliedUpTo }

    mutating func refill() { (timeOuts, commands, heartbeats, reads, handovers) = (0, 0, 0, 0, 0) }
}
