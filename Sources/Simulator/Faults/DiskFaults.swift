import FaultVFS
import Synchronization

/// Says what goes wrong on one disk.
final class DiskFaults: Sendable {
    private struct State {
        var random: SplitMix64
        /// After so many more operations that change the disk, this happens.
        var armed: (countdown: Int, fault: Fault)?
        /// At the call of this number, whatever it does.
        var planned: (call: Int, fault: Fault)?
        /// All calls of the production code since the disk was made.
        var calls = 0
        /// Then they are kept.
        var isRecording = false
        var recorded: [DiskCall] = []
        /// So many checks read the disk: nothing strikes them, and they do not count.
        var peeks = 0
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

    func plan(_ fault: Fault, atCall call: Int) { state.withLock { $0.planned = (call, fault) } }

    /// Nothing goes wrong from here on, and no call is kept.
    func disarm() {
        state.withLock {
            $0.armed = nil
            $0.planned = nil
            $0.isRecording = false
        }
    }

    func record() { state.withLock { $0.isRecording = true } }

    var recorded: [DiskCall] { state.withLock { $0.recorded } }

    func beginPeek() { state.withLock { $0.peeks += 1 } }

    func endPeek() { state.withLock { $0.peeks -= 1 } }

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
        state.withLock { state in
            if state.peeks > 0 { return nil }
            state.calls += 1
            if state.isRecording { state.recorded.append(DiskCall(number: state.calls, operation)) }
            if let (call, fault) = state.planned, call == state.calls {
                state.planned = nil
                state.hasStruck = true
                return fault
            }
            return Self.armedFault(for: operation, &state)
        }
    }

    private static func armedFault(for operation: Operation, _ state: inout State) -> Fault? {
        switch operation.action {
        case .read, .open: return nil
        case .write, .truncate, .sync, .syncDirectory, .delete, .makeDirectory: break
        }
        guard let (countdown, fault) = state.armed else { return nil }
        if fault == .failedSync, operation.action != .sync { return nil }
        state.armed = countdown > 1 ? (countdown - 1, fault) : nil
        guard countdown <= 1 else { return nil }
        state.hasStruck = true
        return fault
    }
}
