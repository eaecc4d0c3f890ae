import Paxos
import Replica
import Storage

/// Bounds of the production code, drawn small in many seeds: what they make happen is rare otherwise.
struct SimulationLimits {
    var group = Paxos.Settings()
    var shard = ShardLimits()
    var checkpointFrames = 1000

    var storage: StorageLimits {
        var limits = StorageLimits()
        limits.ledgerCheckpointFrames = checkpointFrames
        limits.tableCheckpointFrames = checkpointFrames
        return limits
    }

    init() {}

    /// Where words take long, windows are not so small that catching up would take longer than a cluster is given to settle.
    init(seed: UInt64, isWide: Bool) {
        var chance = Chance(seed: seed, .limits)
        group.retainedEntriesMax = chance.pick([4096, 4096, 200, 20, 0])
        group.retainedBytesMax = chance.pick([4 << 20, 4 << 20, 20_000])
        group.messageBytesMax = chance.pick(isWide ? [1 << 20, 1 << 20, 100_000] : [1 << 20, 1 << 20, 100_000, 20_000])
        group.flightBytesMax = chance.pick(isWide ? [8 << 20, 8 << 20, 200_000] : [8 << 20, 8 << 20, 200_000, 40_000])
        group.alpha = chance.pick([4096, 4096, 64, 16])
        group.applyingEntriesMax = chance.pick([4096, 4096, 64, 8])
        group.heldBytesMax = group.retainedBytesMax + chance.pick([28 << 20, 60_000])
        checkpointFrames = chance.pick([1000, 20, 100])
        shard.proposalsMax = chance.pick([8192, 8192, 8, 2])
        shard.readsMax = chance.pick([16384, 16384, 6])
        shard.writesMax = chance.pick([8000, 8000, 12, 4])
        shard.queriesMax = chance.pick([16384, 16384, 6])
        shard.sessionTimeToLive = chance.pick([600, 600, 20, 6].map { Span.milliseconds($0 * 1000) })
    }
}
