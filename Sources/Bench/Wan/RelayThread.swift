import Foundation
import Synchronization

/// A relay on a thread of its own.
package final class RelayThread: Sendable {
    private let control = LoadControl()
    private let state = Mutex<Result<Relay.Report, BenchFailure>>(.success(Relay.Report()))
    private let changed = DispatchSemaphore(value: 0)

    /// Its ports are open once this returns.
    package init(_ links: [Relay.Link], jitter: UInt64 = 0, loss: Double = 0, seed: UInt64 = 1) throws(BenchFailure) {
        Thread.detachNewThread { [self] in
            do throws(BenchFailure) {
                let relay = try Relay(links, jitter: jitter, loss: loss, seed: seed)
                changed.signal()
                let report = relay.run(control: control)
                state.withLock { $0 = .success(report) }
            } catch {
                state.withLock { $0 = .failure(error) }
                changed.signal()
            }
            changed.signal()
        }
        changed.wait()
        _ = try state.withLock { $0 }.get()
    }

    package func stop() throws(BenchFailure) -> Relay.Report {
        control.stop()
        changed.wait()
        return try state.withLock { $0 }.get()
    }
}
