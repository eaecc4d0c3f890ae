import Paxos

/// Bounds of the production code, drawn small in many seeds: what they make happen is rare otherwise.
struct SimulationLimits {
    var group = Paxos.Settings()
    var checkpointFrames = 1000

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
    }
}
