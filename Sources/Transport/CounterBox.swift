import NIOCore
import Wire

/// The counters that a transport's parts share, and the lines about what was dropped. Confined to the event loop.
final class CounterBox {
    var value = TransportCounters()
    let log: (String) -> Void
    private var limiter = LogLimiter()

    init(log: @escaping (String) -> Void) { self.log = log }

    func drop(_ error: WireError, _ text: @autoclosure () -> String) { drop(DropReason(error), text()) }

    func drop(_ reason: DropReason, _ text: @autoclosure () -> String) {
        value.dropped[reason, default: 0] += 1
        if let line = limiter.line(for: reason, at: .now(), text()) { log(line) }
    }
}
