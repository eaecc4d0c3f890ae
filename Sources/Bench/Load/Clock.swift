import Glibc

/// Nanoseconds of the monotonic clock.
package enum Clock {
    package static let second: UInt64 = 1_000_000_000

    package static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// What this thread has had of a processor so far.
    static func threadCPU() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    package static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(seconds * Double(second)) }

    package static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / Double(second) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * second + UInt64(time.tv_nsec)
    }
}
