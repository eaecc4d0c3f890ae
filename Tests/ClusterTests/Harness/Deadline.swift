import Foundation

/// A bound on waiting: what is waited for is looked at again and again until it holds.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(_ seconds: Double) {
        end = ContinuousClock.now + .seconds(seconds)
    }

    var isPast: Bool { ContinuousClock.now >= end }

    /// True as soon as the condition holds, false if it does not before the deadline.
    func wait(pollMilliseconds: UInt32 = 20, until condition: () -> Bool) -> Bool {
        while true {
            if condition() { return true }
            if isPast { return false }
            pause(milliseconds: pollMilliseconds)
        }
    }
}

/// Monotonic nanoseconds, the same clock for every thread.
func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
