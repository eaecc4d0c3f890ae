package import Paxos

/// What kind of world a run takes place in.
package enum Profile: String, CaseIterable, Hashable, Sendable {
    /// One datacenter: fast links, all kinds of faults but those of disks, each rare.
    case lan
    /// Three datacenters, 30, 60 and 90 ms apart there and back.
    case wan
    /// Disks that fail, fill up, stall and lose what was not synced.
    case disk
    /// Everything, often.
    case chaos
}

/// Together with the seed these decide a run, whole.
package struct SimulationOptions: Hashable, Sendable {
    package var seed: UInt64
    package var profile: Profile
    /// Nil: drawn from the seed, as the number of shards is.
    package var nodeCount: Int?
    package var shardCount: Int?
    package var omissions = SimulationOmissions()
    /// Instead of faults drawn at random.
    package var scenario: Scenario?
    package var planned: PlannedFault?
    /// Keeps the calls that this node (from 1) makes of its disk.
    package var recordsCallsOfNode: Int?
    /// Keeps a line for each event; the run is the same with and without.
    package var keepsTranscript = false

    package init(seed: UInt64, profile: Profile, nodeCount: Int? = nil, shardCount: Int? = nil) {
        self.seed = seed
        self.profile = profile
        self.nodeCount = nodeCount
        self.shardCount = shardCount
    }

    /// The command that runs this again.
    package var replayCommand: String {
        let nodes = nodeCount.map { " --nodes \($0)" } ?? ""
        let shards = shardCount.map { " --shards \($0)" } ?? ""
        var arguments = omissions.arguments
        if let scenario { arguments.append("--scenario \(scenario.rawValue)") }
        if let planned { arguments.append("--fault \(planned.kind.rawValue) --fault-node \(planned.node) --fault-call \(planned.call)") }
        return (["decree-simulate --seed \(seed) --profile \(profile.rawValue)\(nodes)\(shards)"] + arguments)
            .joined(separator: " ")
    }
}

/// What a run came to.
package struct SimulationResult: Sendable {
    package let options: SimulationOptions
    package let digest: UInt64
    /// The properties that did not hold; empty where all did.
    package let violations: [String]
    package let statistics: SimulationStatistics
    /// The last events, where they were kept.
    package let transcript: [String]
    /// The lines with which storage has ended a process.
    package let endings: [String]
    /// Of the node whose calls were to be kept.
    package let diskCalls: [DiskCall]
}

/// Sums over one run, or many.
package struct SimulationStatistics: Hashable, Sendable {
    package var virtualTime = Span.zero
    package var commandsAcknowledged = 0
    package var localReads = 0
    /// Told that nothing happened, and that it is not known.
    package var definiteFailures = 0
    package var indeterminateFailures = 0
    package var slotsApplied = 0
    package var syncs = 0
    package var messages = 0
    package var starts = 0
    package var leaderships = 0
    package var faults: [String: Int] = [:]
    /// By name: how many were acknowledged.
    package var commands: [String: Int] = [:]

    package init() {}

    package mutating func add(_ other: SimulationStatistics) {
        virtualTime = virtualTime + other.virtualTime
        commandsAcknowledged += other.commandsAcknowledged
        localReads += other.localReads
        definiteFailures += other.definiteFailures
        indeterminateFailures += other.indeterminateFailures
        slotsApplied += other.slotsApplied
        syncs += other.syncs
        messages += other.messages
        starts += other.starts
        leaderships += other.leaderships
        faults.merge(other.faults, uniquingKeysWith: +)
        commands.merge(other.commands, uniquingKeysWith: +)
    }

    package var virtualHours: Double { virtualTime.milliseconds / 3_600_000 }

    /// By name, ascending.
    package var faultLines: [String] { faults.keys.sorted().map { "\($0) \(faults[$0] ?? 0)" } }
    package var commandLines: [String] { commands.keys.sorted().map { "\($0) \(commands[$0] ?? 0)" } }
}
