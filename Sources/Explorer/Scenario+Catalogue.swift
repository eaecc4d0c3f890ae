import Paxos

/// The scenarios by name. Names are kept: they stand in documents and in the tables of what finds which bug.
extension Scenario {
    package static let all =
        [oneLeader, twoLeaders, preVote, refusals, slowLeader, slowDisks] + [restart, restartLeader, recovery, catchUp]
        + [lease, leaseRestart, quorumReads, newLeaderReads, handover]

    package static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    private static let quick = [Disk.immediate, .immediate, .immediate]
    private static let nobody = [0, 0, 0]
    /// n1 and n2 have a ballot each, that n1's is the lower one of.
    private static let bothStand = [Opening.stand([0, 1]), .losePreVotes, .budgetsRefill]
    /// n1 leads, its own entry is chosen and applied everywhere; nothing is under way.
    private static let leading = [Opening.stand([0]), .settle([0, 1, 2]), .loseAll, .budgetsRefill]

    /// n1 leads with n3's promise, and has its lease, if there are leases; n2 has a ballot too, and its prepare may come to anybody at any time.
    private static let contested = [Opening.stand([0, 1]), .losePreVotes, .settle([0, 2]), .loseProposals, .budgetsRefill]

    // MARK: Ballots, values, disks

    package static let oneLeader = Scenario(
        name: "one-leader", summary: "n1 stands and leads; every disk is slow",
        timeOutsMax: nobody, commandsMax: nobody, disks: [.slowInParts, .slowInParts, .slowInParts],
        opening: [.stand([0]), .losePreVotes, .budgetsRefill])

    static let twoLeaders = Scenario(
        name: "two-leaders", summary: "n1 and n2 stand, n1 takes a command",
        timeOutsMax: nobody, commandsMax: [1, 0, 0], disks: quick, losesRefusals: true, opening: bothStand)

    static let preVote = Scenario(
        name: "pre-vote", summary: "n1 and n2 lose patience from the beginning, n1 takes a command; nothing reaches n3",
        timeOutsMax: [1, 1, 0], commandsMax: [1, 0, 0], disks: quick, deaf: [2])

    static let refusals = Scenario(
        name: "refusals", summary: "n1 and n2 stand and are told of each other's ballots",
        timeOutsMax: nobody, commandsMax: nobody, disks: quick, opening: bothStand)

    static let slowLeader = Scenario(
        name: "slow-leader", summary: "n1 and n2 stand; n1's disk is slow",
        timeOutsMax: nobody, commandsMax: nobody, disks: [.slowInParts, .immediate, .immediate], losesRefusals: true,
        opening: bothStand)

    static let slowDisks = Scenario(
        name: "slow-disks", summary: "n1 and n2 stand; every disk is slow",
        timeOutsMax: nobody, commandsMax: nobody, losesRefusals: true, opening: bothStand)

    // MARK: Restarts

    static let restart = Scenario(
        name: "restart-between-write-and-sync", summary: "n1 and n2 stand; n3's disk is slow, and n3 crashes once",
        timeOutsMax: nobody, commandsMax: nobody, restartsMax: [0, 0, 1], restartsInAllMax: 1, restartsAreKnown: true,
        disks: [.immediate, .immediate, .slow], losesRefusals: true, opening: bothStand)

    static let restartLeader = Scenario(
        name: "restart-leader", summary: "n1 stands, leads, takes a command, crashes once, and stands again; nothing reaches n3",
        timeOutsMax: [1, 0, 0], commandsMax: [1, 0, 0], restartsMax: [1, 0, 0], restartsInAllMax: 1, restartsAreKnown: true,
        disks: [.slowInParts, .immediate, .immediate], deaf: [2], losesRefusals: true,
        opening: [.stand([0]), .losePreVotes, .budgetsRefill])

    package static let recovery = Scenario(
        name: "recovery",
        summary: "n2, an earlier leader, holds a command that was never chosen; n1 has another value for its slot chosen; n2 stands again",
        timeOutsMax: [0, 1, 0], commandsMax: [1, 0, 0], disks: quick, losesRefusals: true,
        opening: [
            .happens(.timeOut, at: 1), .settle([0, 1, 2]), .happens(.command, at: 1), .loseAll,
            .happens(.timeOut, at: 0), .settle([0, 2]), .loseAll, .budgetsRefill,
        ])

    static let catchUp = Scenario(
        name: "catch-up",
        summary: "n2, an earlier leader, holds a command that was never chosen; n1 leads, n2 hears it, stands, fetches",
        timeOutsMax: [0, 1, 0], commandsMax: [1, 0, 0], heartbeatsMax: [1, 0, 0], disks: quick, losesRefusals: true,
        opening: [
            .happens(.timeOut, at: 1), .settle([0, 1, 2]), .happens(.command, at: 1), .loseAll,
            .happens(.timeOut, at: 0), .settle([0, 2]), .happens(.command, at: 0), .settle([0, 2]), .loseAll, .budgetsRefill,
        ])

    // MARK: Leases and reads

    static let lease = Scenario(
        name: "lease", summary: "n1 leads with n3, has a lease, and is read; n2's prepare is on its way all the time",
        settings: .leased, timeOutsMax: nobody, commandsMax: nobody, readsMax: [1, 0, 0], disks: quick,
        times: 2...4, losesRefusals: true, opening: contested)

    static let leaseRestart = Scenario(
        name: "lease-restart",
        summary: "n1 leads with n3, has a lease, and is read; n3, which granted it, crashes once; n2 has a ballot, and asks for promises",
        settings: .leased, timeOutsMax: [0, 1, 0], commandsMax: nobody, readsMax: [1, 0, 0],
        restartsMax: [0, 0, 1], restartsInAllMax: 1, disks: quick, times: 2...3, losesRefusals: true, opening: contested)

    static let quorumReads = Scenario(
        name: "quorum-reads", summary: "no leases: n1 leads and is read, n2 stands at any time",
        timeOutsMax: [0, 1, 0], commandsMax: nobody, readsMax: [1, 0, 0], disks: quick, times: 1...2, losesRefusals: true,
        opening: leading)

    static let newLeaderReads = Scenario(
        name: "new-leader-reads",
        summary: "no leases: n1 leads with n3 until nothing reaches it any more; n2 recovers what was chosen, leads and is read",
        timeOutsMax: [0, 1, 0], commandsMax: [0, 1, 0], readsMax: [0, 1, 0], disks: quick, times: 1...2, deaf: [0], losesRefusals: true,
        opening: contested)

    static let handover = Scenario(
        name: "handover", summary: "n1 leads, has a lease, is read, and gives leadership away",
        settings: .leased, timeOutsMax: nobody, commandsMax: nobody, heartbeatsMax: [1, 0, 0], readsMax: [1, 0, 0],
        handoversMax: [1, 0, 0], disks: quick, times: 2...3, losesRefusals: true, opening: leading)

    // MARK: What must not hold

    /// Grants that end before the lease that rests on them. Not among `all`: this has to be found out.
    package static var shortGrants: Scenario {
        var settings = Settings.leased
        settings.lease = settings.lease + settings.lease
        settings.clockDriftPerMille = -600
        return Scenario(
            name: "short-grants", summary: "the leases of n1 outlast their grants; n2 stands", settings: settings, timeOutsMax: [0, 1, 0],
            commandsMax: nobody, heartbeatsMax: [1, 0, 0], readsMax: [1, 0, 0], disks: quick, times: 2...4, losesRefusals: true,
            opening: leading)
    }
}
