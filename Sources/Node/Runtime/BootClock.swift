import Glibc
import Paxos

/// The clock of leases: goes on while the machine sleeps, and is the same for all processes since its start.
enum BootClock {
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
