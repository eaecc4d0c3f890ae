import Paxos

/// One replica with its disk, its clock, and the work that is under way for it; does what `Replica` does around the core.
struct VirtualNode {
    let node: NodeID
    var ledger: LedgerModel
    /// Nil while the process is down.
    var group: Group?
    /// Tells this life's completions from those of an earlier one.
    var lifeCount = 0

    // The disk.
    var writing: LedgerWrite?
    var gathered: LedgerWrite?
    var stalledUntil: Int64 = 0

    // The table: `applied` in memory, `tableDurable` after a crash.
    var appliedUpTo = Slot.none
    var tableDurable = Slot.none
    /// Lost, and no snapshot has come yet.
    var lacksTable = false
    /// Its directory is not the one that the group gave a place to.
    var isNewcomer = false
    var applying: [SlottedEntry] = []
    var isApplying = false

    // The clock: local = base + (true - since) * (1 + drift).
    var clockBase: Int64 = 0
    var clockSince: Int64 = 0
    var clockDrift: Int64 = 0

    var pausedUntil: Int64 = 0
    /// Events that came while it was paused, in order.
    var waiting: [Input] = []
    var wakesAt: Int64 = .max

    /// The highest ballot that this replica has promised or stood under in words that have left, over all lives.
    var saidBallot = Ballot.zero
    /// The first slot not yet checked against the ledger in acknowledgements of a ballot.
    var checkedBallot = Ballot.zero
    var checkedUpTo = Slot.none
    var chosenChecked = Slot.none
    /// The newest lease that it granted, over all lives: the holder's ballot, and the true time until which the holder may rely on it.
    var granted: (ballot: Ballot, until: Int64) = (.zero, 0)

    init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        ledger = LedgerModel(incarnation: incarnation)
    }

    func local(_ time: Int64) -> Instant {
        let elapsed = time - clockSince
        return Instant(nanoseconds: clockBase + elapsed + elapsed / 1_000_000 * clockDrift + elapsed % 1_000_000 * clockDrift / 1_000_000)
    }

    /// A true time that is not after the moment at which the clock showed `instant`.
    func time(_ instant: Instant) -> Int64 {
        let elapsed = instant.nanoseconds - clockBase
        return clockSince + Int64(Double(elapsed) / (1 + Double(clockDrift) / 1_000_000)) - 2_000
    }

    /// A true time at or after the moment at which the clock shows `instant`.
    func wake(_ instant: Instant) -> Int64 {
        if instant == .distantFuture { return .max }
        return time(instant) + 4_000
    }
}
