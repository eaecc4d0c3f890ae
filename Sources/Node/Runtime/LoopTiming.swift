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

    var now: Instant { BootClock.now }

    var stamp: Stamp { Stamp(rawValue: WallClock.microseconds() / 1000) }

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
}
