import Paxos

/// How hard a run is: drawn from the seed, so that some runs are calm and others are not.
struct Faults {
    var lostPerThousand: Int64
    var doubledPerThousand: Int64
    /// A message that comes very late, from another time.
    var straggledPerThousand: Int64
    var delay: ClosedRange<Int64>
    var syncDelay: ClosedRange<Int64>
    var stalledPerThousand: Int64
    var applyDelay: ClosedRange<Int64>
    /// Mean time between two faults of the cluster as a whole.
    var interval: Int64
    var commandInterval: ClosedRange<Int64>
    /// Every clock's error, in millionths.
    var drift: ClosedRange<Int64>

    static let millisecond: Int64 = 1_000_000

    init(_ chance: inout Chance) {
        let isCalm = chance.isTrue(perThousand: 200)
        lostPerThousand = isCalm ? 0 : chance.pick([0, 10, 50, 150])
        doubledPerThousand = isCalm ? 0 : chance.pick([0, 20, 100])
        straggledPerThousand = isCalm ? 0 : chance.pick([0, 1, 10])
        let near = chance.pick([Self.millisecond / 2, 5 * Self.millisecond, 20 * Self.millisecond])
        delay = near...(near * chance.pick([1, 2, 4]))
        syncDelay = (Self.millisecond / 5)...(Self.millisecond * chance.pick([1, 5, 30]))
        stalledPerThousand = chance.pick([0, 0, 2])
        applyDelay = 0...(Self.millisecond * chance.pick([1, 10, 100]))
        interval = chance.pick([200, 500, 1500]) * Self.millisecond
        commandInterval = (Self.millisecond)...(Self.millisecond * chance.pick([10, 40, 150]))
        drift = chance.isTrue(perThousand: 500) ? -10_000...10_000 : 0...0
    }

    /// What is left when the faults stop: delays and drift.
    mutating func stop() {
        lostPerThousand = 0
        doubledPerThousand = 0
        straggledPerThousand = 0
        stalledPerThousand = 0
        syncDelay = (Self.millisecond / 5)...(5 * Self.millisecond)
        applyDelay = 0...(5 * Self.millisecond)
        commandInterval = (100 * Self.millisecond)...(300 * Self.millisecond)
    }
}
