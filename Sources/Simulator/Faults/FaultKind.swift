/// What can go wrong with a cluster.
enum FaultKind: String, CaseIterable {
    case powerLoss = "power lost"
    case powerLossInOperation = "power lost in a disk operation"
    case powerLossEverywhere = "power lost everywhere"
    case kill = "process killed"
    case killAtWord = "process killed at a word"
    case pause = "process paused"
    case isolation = "node isolated"
    case partition = "partition into two sides"
    case mute = "node heard by nobody"
    case deaf = "node hears nobody"
    case oneWayCut = "link cut one way"
    case partialCut = "link cut both ways"
    case flappingLink = "link flapping"
    case datagramCut = "link without datagrams"
    case connectionCut = "link without connections"
    case slowLink = "link slow"
    case brokenConnection = "connection broken"
    case lossyNetwork = "network lossy"
    case slowLedger = "ledger slow"
    case slowTable = "table slow"
    case failedSync = "sync failed"
    case diskError = "disk error"
    case fullDisk = "disk full"
    case longReader = "reader stays"
    case flippedLedger = "bit flipped in a ledger"
    case flippedLedgerLog = "bit flipped in a ledger's log"
    case flippedTable = "bit flipped in a table"
    case flippedTableLog = "bit flipped in a table's log"
    case lostTable = "table lost"
    case flippedSnapshot = "bit flipped in a snapshot"
    case lostLedger = "replica's directory lost"
    case rolledBack = "replica's directory rolled back"
    case clockJump = "wall clock jumps"
    case clockRate = "clock rate changed"
    case clockBeyondBound = "clock beyond the bound"
    case handover = "leadership given away"
    case contestedLease = "lease contested"

    /// Damage that a run may draw. Of the others it is known that they may go unnoticed: docs/testing.md, "What is not covered".
    static let damage: [FaultKind] = [
        .flippedLedger, .lostLedger, .lostLedger, .lostTable, .flippedTableLog, .flippedSnapshot,
    ]

    enum Place { case process, disk, rest, network, clock, leadership }

    var place: Place {
        switch self {
        case .powerLoss, .powerLossEverywhere, .kill, .killAtWord, .pause: .process
        case .powerLossInOperation, .slowLedger, .slowTable, .failedSync, .diskError, .fullDisk, .longReader: .disk
        case .isolation, .partition, .mute, .deaf, .oneWayCut, .partialCut, .flappingLink, .datagramCut, .connectionCut, .slowLink,
            .brokenConnection, .lossyNetwork:
            .network
        case .flippedLedger, .flippedLedgerLog, .flippedTable, .flippedTableLog, .flippedSnapshot, .lostTable, .lostLedger, .rolledBack:
            .rest
        case .clockJump, .clockRate, .clockBeyondBound: .clock
        case .handover, .contestedLease: .leadership
        }
    }

    /// How often it is drawn where it is in use, against the others.
    func weight(in profile: Profile) -> Int {
        switch (profile, self) {
        // A run whose clocks keep no bound proves nothing of leases: drawn apart.
        case (_, .clockBeyondBound): 0
        // What is struck is out for the rest of the run: drawn apart.
        case _ where place == .rest: 0
        case (.lan, .powerLossInOperation), (.lan, .powerLossEverywhere), (.lan, .failedSync), (.lan, .diskError), (.lan, .fullDisk),
            (.wan, .powerLossInOperation), (.wan, .powerLossEverywhere), (.wan, .failedSync), (.wan, .diskError), (.wan, .fullDisk):
            0
        case (_, .contestedLease): 3
        case (.disk, .pause): 1
        case (.disk, _): place == .disk || place == .process ? 4 : 1
        default: 2
        }
    }
}
