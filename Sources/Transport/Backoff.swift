import NIOCore

/// How long to wait before dialling again: doubles from `min` to `max`, with the upper half left to chance, so that
/// nodes that lost each other at once do not come back at once.
struct Backoff {
    private let min: TimeAmount
    private let max: TimeAmount
    private var next: TimeAmount

    init(min: TimeAmount, max: TimeAmount) {
        self.min = min
        self.max = max
        next = min
    }

    mutating func reset() { next = min }

    mutating func wait(using generator: inout some RandomNumberGenerator) -> TimeAmount {
        let half = next.nanoseconds / 2
        defer { next = .nanoseconds(Swift.min(next.nanoseconds * 2, max.nanoseconds)) }
        return .nanoseconds(half + Int64.random(in: 0...half, using: &generator))
    }
}
