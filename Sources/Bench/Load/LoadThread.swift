import Foundation
import Synchronization

/// A load on a thread of its own, while something else happens.
package final class LoadThread: Sendable {
    private let control = LoadControl()
    private let outcome = Mutex<Result<LoadOutcome, BenchFailure>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    package init(_ settings: LoadSettings) {
        Thread.detachNewThread { [self] in
            let result = Result { () throws(BenchFailure) in try LoadLoop(settings, control: control).run() }
            outcome.withLock { $0 = result }
            ended.signal()
        }
    }

    /// Operations that have succeeded so far.
    package var completedCount: Int { control.completedCount }

    package var hasEnded: Bool { outcome.withLock { $0 != nil } }

    package func stop() { control.stop() }

    /// Waits for its end.
    package func result() throws(BenchFailure) -> LoadOutcome {
        ended.wait()
        ended.signal()
        guard let result = outcome.withLock({ $0 }) else { throw BenchFailure("a load ended without a result") }
        return try result.get()
    }

    /// Operations a second over the next seconds.
    func rate(over seconds: Double) -> Double {
        let (count, start) = (completedCount, Clock.now())
        usleep(UInt32(seconds * 1_000_000))
        return Double(completedCount - count) / Clock.seconds(Clock.now() - start)
    }
}
