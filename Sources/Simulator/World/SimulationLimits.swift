import Paxos
import Replica
import Storage

/// Bounds of the production code, drawn small in many seeds: what they make happen is rare otherwise.
struct SimulationLimits {
    var group = Paxos.Settings()
    var shard = ShardLimits()
    var storage = StorageLimits()

    var checkpointFrames: Int {
        get { storage.ledgerCheckpointFrames }
        set {
            storage.ledgerCheckpointFrames = newValue
            storage.tableCheckpointFrames = newValue
        }
    }

    /// A simulated disk has no limit but while it is full: then a large reserve would only be in the way.
    init() {
        checkpointFrames = 1000
        storage.reserveBytes = 100_000
    }

    /// Where words take long, windows are not so small that catching up would take longer than a cluster is given to settle.
    init(seed: UInt64, isWide: Bool) {
        self.init()
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
        drawLog(&chance)
    }

    /// In most seeds a log is given up soon enough for a node that was away to need a snapshot.
    private mutating func drawLog(_ chance: inout Chance) {
        shard.logTailSlots = chance.pick([65_536, 0, 16, 64, 400])
        shard.logCourtesySlots = shard.logTailSlots * chance.pick([1, 1, 4])
        storage.compactionStepSlots = chance.pick([1...4, 1...64, 256...1024])
        storage.logBytesMax = chance.pick([256 << 20, 256 << 20, 400_000, 120_000])
        storage.snapshotsMax = chance.pick([2, 1, 3])
        storage.ledgerFramesMax = chance.pick([16_384, checkpointFrames * 2])
        storage.tableFramesMax = chance.pick([65_536, checkpointFrames * 2])
        storage.reserveBytes = chance.pick([100_000, 30_000, 400_000])
        storage.unwrittenEntriesMax = chance.pick([65_536, 1, 8, 100])
        storage.unwrittenBytesMax = chance.pick([32 << 20, 32 << 20, 20_000])
        storage.cachedBytesMax = chance.pick([64 << 20, 0, 5_000])
        group.chosenLagSlotsMax = chance.pick([512, 512, 1])
        storage.logSegmentSlots = chance.pick([1024, 4, 16])
        storage.replayEntriesMax = chance.pick([16_384, 1, 10])
    }
}
