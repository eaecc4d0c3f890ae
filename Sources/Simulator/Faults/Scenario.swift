import Paxos
import Replica
import Sharding
import Storage

/// What happens instead of faults drawn at random, so that a planned fault meets what it is meant to meet.
package enum Scenario: String, CaseIterable, Hashable, Sendable {
    /// Nothing: a cluster starts, and serves.
    case service
    /// The last node is away for a while, and catches up by a snapshot.
    case laggard

    package static let nodeCount = 3

    var loadMilliseconds: Int {
        switch self {
        case .service: 4_000
        case .laggard: 2_500
        }
    }

    /// Few slots are kept, so that what rests on their going comes soon.
    var limits: SimulationLimits {
        var limits = SimulationLimits()
        limits.checkpointFrames = 20
        limits.group.retainedEntriesMax = 10
        limits.shard.logTailSlots = 10
        limits.shard.logCourtesySlots = 10
        limits.storage.compactionStepSlots = 4...16
        limits.storage.logSegmentSlots = 16
        limits.storage.unwrittenEntriesMax = 20
        return limits
    }

    func play(_ simulation: Simulation) {
        switch self {
        case .service: break
        case .laggard:
            let node = simulation.nodes[Self.nodeCount - 1]
            simulation.after(.milliseconds(300)) { node.stop(power: false) }
            simulation.after(.milliseconds(1_500)) { node.start() }
        }
    }
}
