import NIOCore
import Paxos
import Replica

/// Time, chance and turns of one shard server, on the node's event loop.
final class LoopTiming: TimingPort {
    private let eventLoop: NIOIsolatedEventLoop
    private var generator = SystemRandomNumberGenerator()
    private var isTurnRequested = false
    private var alarm: Scheduled<Void>?
    /// Does a piece of the server's work. Set once the server is there; nothing comes before.
    var perform: (((ShardServer) -> Void) -> Void)?

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
            perform? { $0.endTurn() }
        }
    }

    func wake(at instant: Instant) {
        alarm?.cancel()
        let wait = max(0, (instant - now).nanoseconds)
        alarm = eventLoop.scheduleTask(in: .nanoseconds(wait)) { [weak self] in self?.perform? { $0.woke() } }
    }

    func stop() {
        alarm?.cancel()
        perform = nil
    }
}
