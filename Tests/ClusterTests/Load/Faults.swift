import Testing

/// One thing that goes wrong.
enum Fault: Hashable, CaseIterable, Sendable {
    /// `kill -9` of a node that leads nothing, if there is one.
    case killFollower
    /// `kill -9` of a shard's leader.
    case killLeader
    case killTwo
    case killAll
    /// `kill -9` of a leader, and again as soon as it is back.
    case killLeaderTwice
    /// `SIGSTOP` of a shard's leader, and `SIGCONT` when the others have gone on.
    case pauseLeader
    case pauseFollower

    var kills: Int {
        switch self {
        case .killFollower, .killLeader: 1
        case .killTwo, .killLeaderTwice: 2
        case .killAll: 3
        case .pauseLeader, .pauseFollower: 0
        }
    }

    /// Every kind several times, in an order that the seed decides.
    static func schedule(_ generator: inout SeededGenerator) -> [Fault] {
        let counts: [(Fault, Int)] = [
            (.killFollower, 3), (.killLeader, 5), (.killTwo, 3), (.killAll, 3), (.killLeaderTwice, 1), (.pauseLeader, 3),
            (.pauseFollower, 2),
        ]
        return counts.flatMap { Array(repeating: $0, count: $1) }.shuffled(using: &generator)
    }
}

/// Makes faults happen to a cluster under load, and repairs them.
struct FaultInjector {
    let cluster: Cluster
    let load: Load
    var generator: SeededGenerator

    /// Between steps so many more requests of each shard must be answered, or the time must be over: with no quorum none will be.
    private static let requests = 300
    private static let patienceSeconds = 3.0
    private static let recoverySeconds = 30.0

    mutating func run(_ fault: Fault) throws {
        let victims = victims(of: fault)
        switch fault {
        case .pauseLeader, .pauseFollower:
            for node in victims { cluster.pause(node) }
            _ = load.waitForProgress(Self.requests, seconds: Self.patienceSeconds)
            for node in victims { cluster.resume(node) }
        case .killFollower, .killLeader, .killTwo, .killAll:
            try restart(victims)
        case .killLeaderTwice:
            try restart(victims)
            cluster.waitUntilServing(victims, seconds: Self.recoverySeconds)
            try restart(victims)
        }
        cluster.waitUntilServing(seconds: Self.recoverySeconds)
        cluster.expect(load.waitForProgress(Self.requests, seconds: Self.recoverySeconds), "no progress after \(fault)")
    }

    private func restart(_ victims: [Cluster.Node]) throws {
        cluster.kill(victims)
        if victims.count < cluster.nodes.count { _ = load.waitForProgress(Self.requests, seconds: Self.patienceSeconds) }
        for node in victims { try cluster.start(node) }
    }

    private mutating func victims(of fault: Fault) -> [Cluster.Node] {
        let leaders = ["shard1", "shard2"].compactMap { cluster.leader(of: $0) }
        let shuffled = cluster.nodes.shuffled(using: &generator)
        switch fault {
        case .killFollower, .pauseFollower: return [shuffled.first { !leaders.contains($0) } ?? shuffled[0]]
        case .killLeader, .killLeaderTwice, .pauseLeader: return [leaders.randomElement(using: &generator) ?? shuffled[0]]
        case .killTwo: return Array(shuffled.prefix(2))
        case .killAll: return cluster.nodes
        }
    }
}
