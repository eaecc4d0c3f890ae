/// The scenarios by name. Names are kept: they stand in documents and in the tables of what finds which bug.
extension Scenario {
    package static let all = [
        twoLeaders, preVote, refusals, slowDisks, slowDisk, restart, restartLeader, catchUp, lease, leaseRestart, quorumReads, handover,
    ]

    package static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    private static let quick = [Disk.immediate, .immediate, .immediate]
    private static let bothStand = [Opening.stand([0, 1]), .losePreVotes, .budgetsRefill]

    static let twoLeaders = Scenario(
        name: "two-leaders", summary: "n1 and n2 stand; a command from each", timeOutsMax: [0, 0, 0], commandsMax: [1, 0, 0], disks: quick, losesRefusals: true,
        opening: bothStand)
    static let preVote = Scenario(
        name: "pre-vote", summary: "elections from the start", timeOutsMax: [1, 1, 0], commandsMax: [0, 0, 0], disks: quick, losesRefusals: true)
    static let refusals = Scenario(
        name: "refusals", summary: "", timeOutsMax: [0, 0, 0], commandsMax: [0, 0, 0], disks: quick, opening: bothStand)
    static let slowDisks = Scenario(
        name: "slow-disks", summary: "", timeOutsMax: [0, 0, 0], commandsMax: [0, 0, 0], losesRefusals: true, opening: bothStand)
    static let slowDisk = Scenario(
        name: "slow-disk", summary: "", timeOutsMax: [0, 0, 0], commandsMax: [0, 0, 0], disks: [.slow, .immediate, .immediate], losesRefusals: true,
        opening: bothStand)
    static let restart = Scenario(
        name: "restart-between-write-and-sync", summary: "", timeOutsMax: [0, 0, 0], commandsMax: [0, 0, 0], restartsMax: [0, 0, 1], restartsInAllMax: 1, restartsAreKnown: true,
        disks: [.immediate, .immediate, .slow], losesRefusals: true, opening: bothStand)
    static let restartLeader = Scenario(
        name: "restart-leader", summary: "", timeOutsMax: [1, 0, 0], commandsMax: [0, 0, 0], restartsMax: [1, 0, 0], restartsInAllMax: 1, restartsAreKnown: true,
        disks: [.slow, .immediate, .immediate], losesRefusals: true, opening: [.stand([0]), .losePreVotes, .budgetsRefill])
    static let catchUp = Scenario(
        name: "catch-up", summary: "", timeOutsMax: [0, 1, 0], commandsMax: [0, 0, 0], heartbeatsMax: [1, 0, 0],
        disks: quick, losesRefusals: true,
        opening: [
            .happens(.timeOut, at: 1), .settle([0, 1, 2]), .happens(.command, at: 1), .loseAll, .happens(.timeOut, at: 0), .settle([0, 2]),
            .happens(.command, at: 0), .settle([0, 2]), .loseAll, .budgetsRefill,
        ])
    static let lease = Scenario(
        name: "lease", summary: "", settings: .leased, timeOutsMax: [0, 1, 0], commandsMax: [0, 0, 0], heartbeatsMax: [1, 0, 0], readsMax: [1, 0, 0],
        disks: quick, times: 2...4, losesRefusals: true, opening: leading)
    static let leaseRestart = Scenario(
        name: "lease-restart", summary: "", settings: .leased, timeOutsMax: [0, 1, 0], commandsMax: [0, 0, 0], heartbeatsMax: [1, 0, 0], readsMax: [1, 0, 0],
        restartsMax: [0, 0, 1], restartsInAllMax: 1,
        disks: quick, times: 2...3, losesRefusals: true, opening: leading)
    static let quorumReads = Scenario(
        name: "quorum-reads", summary: "", timeOutsMax: [0, 1, 0], commandsMax: [0, 0, 0], heartbeatsMax: [0, 0, 0], readsMax: [1, 0, 0],
        disks: quick, times: 1...2, losesRefusals: true, opening: leading)
    static let handover = Scenario(
        name: "handover", summary: "", settings: .leased, timeOutsMax: [0, 0, 0], commandsMax: [0, 0, 0], heartbeatsMax: [1, 0, 0], readsMax: [1, 0, 0],
        handoversMax: [1, 0, 0],
        disks: quick, times: 2...3, losesRefusals: true, opening: leading)

    private static let leading = [Opening.stand([0]), .settle([0, 1, 2]), .loseAll, .budgetsRefill]
}
