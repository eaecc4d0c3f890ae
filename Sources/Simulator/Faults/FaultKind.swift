/// What can go wrong with a cluster.
enum FaultKind: String, CaseIterable {
    case powerLoss = "power lost"
    case powerLossInOperation = "power lost in a disk operation"
    case powerLossEverywhere = "power lost everywhere"
    case kill = "process killed"
    case pause = "process paused"
    case isolation = "node isolated"
    case oneWayCut = "link cut one way"
    case partialCut = "link cut both ways"
    case slowLink = "link slow"
    case brokenConnection = "connection broken"
    case lossyNetwork = "network lossy"
    case slowLedger = "ledger slow"
    case slowTable = "table slow"
    case failedSync = "sync failed"
    case diskError = "disk error"
    case fullDisk = "disk full"
    case clockJump = "wall clock jumps"
    case handover = "leadership given away"

    var concernsDisk: Bool {
        switch self {
        case .powerLoss, .powerLossInOperation, .powerLossEverywhere, .kill, .slowLedger, .slowTable, .failedSync, .diskError, .fullDisk:
            true
        case .pause, .isolation, .oneWayCut, .partialCut, .slowLink, .brokenConnection, .lossyNetwork, .clockJump, .handover: false
        }
    }

    /// How often it is drawn where it is in use, against the others.
    func weight(in profile: Profile) -> Int {
        switch profile {
        case .lan, .wan:
            switch self {
            case .powerLossInOperation, .powerLossEverywhere, .failedSync, .diskError, .fullDisk: 0
            default: 2
            }
        case .disk: concernsDisk ? 4 : 1
        case .chaos: 2
        }
    }
}
