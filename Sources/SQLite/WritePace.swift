/// How long the writer of a file rests once a piece is synced, so that others' syncs have the disk meanwhile.
///
/// Three times as long as the sync took. In five seconds, the time of a table's batch, it is half a second at most: a writer that has
/// as much to do as it can hardly loses by it.
package struct WritePace {
    package static let restMax = Duration.milliseconds(10)
    package static let window = Duration.seconds(5)
    package static let restPerWindow = Duration.milliseconds(500)

    private var windowBegan: ContinuousClock.Instant
    private var rested = Duration.zero

    package init(at now: ContinuousClock.Instant) {
        windowBegan = now
    }

    /// `sync` is what the last one took.
    package mutating func rest(after sync: Duration, at now: ContinuousClock.Instant) -> Duration {
        if now - windowBegan >= Self.window { (windowBegan, rested) = (now, .zero) }
        let rest = min(sync * 3, Self.restMax, Self.restPerWindow - rested)
        rested += rest
        return rest
    }
}
