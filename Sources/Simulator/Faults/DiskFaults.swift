import FaultVFS
import Synchronization

/// Says what goes wrong on one disk.
final class DiskFaults: Sendable {
    private struct State {
        var random: SplitMix64
        /// After so many more operations that change the disk, this happens.
        var armed: (countdown: Int, fault: Fault)?
        /// In this life of the process.
        var hasStruck = false
        var isFull = false
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

    /// Strikes within the next `operations` writes, truncations and syncs (of `failedSync`: syncs).
    func arm(_ fault: Fault, within operations: Int) {
        state.withLock { $0.armed = (Int($0.random.next() % UInt64(operations)) + 1, fault) }
    }

    func disarm() { state.withLock { $0.armed = nil } }

    /// Whether something has gone wrong in this life of the process, so that it may end.
    var hasStruck: Bool { state.withLock { $0.hasStruck || $0.isFull } }

    func setFull(_ isFull: Bool) {
        state.withLock {
            $0.isFull = isFull
            $0.hasStruck = $0.hasStruck || isFull
        }
    }

    func beginLife() { state.withLock { $0.hasStruck = false } }

    func fault(for operation: Operation) -> Fault? {
        switch operation.action {
        case .read, .open: return nil
        case .write, .truncate, .sync, .syncDirectory, .delete, .makeDirectory: break
        }
        return state.withLock { state in
            guard let (countdown, fault) = state.armed else { return nil }
            if fault == .failedSync, operation.action != .sync { return nil }
            state.armed = countdown > 1 ? (countdown - 1, fault) : nil
            guard countdown <= 1 else { return nil }
            state.hasStruck = true
            return fault
        }
    }
}
