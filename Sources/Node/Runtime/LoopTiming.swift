import Glibc
import NIOCore
import Paxos
import Replica

/// Time, chance and turns of one shard server, on the node's event loop.
final class LoopTiming: TimingPort {
    private let eventLoop: NIOIsolatedEventLoop
    private var generator = SystemRandomNumberGenerator()
    private var isTurnRequested = false
    private var alarm: Scheduled<Void>?
    /// Set once the server is there; until then a turn that it asks for waits.
    weak var server: ShardServer?

    /// On the event loop.
    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop.assumeIsolated() }

    var now: Instant { Instant(nanoseconds: Self.read(CLOCK_BOOTTIME)) }

    var stamp: Stamp { Stamp(rawValue: UInt64(max(0, Self.read(CLOCK_REALTIME) / 1_000_000))) }

    func random() -> UInt64 { generator.next() }

    func requestTurn() {
        guard !isTurnRequested else { return }
        isTurnRequested = true
        eventLoop.execute { [self] in
            isTurnRequested = false
            server?.endTurn()
        }
    }

    func wake(at instant: Instant) {
        alarm?.cancel()
        let wait = max(0, (instant - now).nanoseconds)
        alarm = eventLoop.scheduleTask(in: .nanoseconds(wait)) { [weak self] in self?.server?.woke() }
    }

    func stop() {
        alarm?.cancel()
        server = nil
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
