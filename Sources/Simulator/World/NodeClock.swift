import Paxos

/// One machine's clock against true time. Its rate may change at any time; it begins anew with the machine, and never goes back
/// while that runs.
final class NodeClock {
    /// How many parts per million a clock within the bound that leases rest on may be off; the bound itself is 10 000.
    static let rateMax: Int64 = 9_900

    /// Parts per million by which it is fast.
    private var rate: Int64
    /// What it would show, had the machine never been started anew, at `since`.
    private var total: Int64
    private var since = Instant.zero
    /// When the machine started, on `total`.
    private(set) var begun: Int64 = 0

    init(rate: Int64, offset: Int64) {
        self.rate = rate
        total = offset
    }

    func setRate(_ rate: Int64, at now: Instant) {
        total = self.total(at: now)
        since = now
        self.rate = rate
    }

    /// The machine is switched on.
    func beginAnew(at now: Instant) { begun = total(at: now) }

    func local(_ instant: Instant) -> Instant { Instant(nanoseconds: total(at: instant) - begun) }

    /// A true time, hardly later than needed, at which the clock will have shown `local`, if its rate stays.
    func trueTime(of local: Instant) -> Instant {
        if local == .distantFuture { return local }
        return Instant(nanoseconds: since.nanoseconds + (local.nanoseconds + begun - total) * 1_000_000 / (1_000_000 + rate) + 1_000)
    }

    /// Goes on over restarts of the machine.
    func total(at instant: Instant) -> Int64 {
        let elapsed = instant.nanoseconds - since.nanoseconds
        return total + elapsed + elapsed * rate / 1_000_000
    }
}
