import Synchronization

/// What another thread may know of a load, and tell it.
package final class LoadControl: Sendable {
    private let stopping = Atomic(false)
    private let completed = Atomic(0)

    package init() {}

    /// Ends the load before its time.
    package func stop() { stopping.store(true, ordering: .relaxed) }

    /// Operations that have succeeded so far.
    package var completedCount: Int { completed.load(ordering: .relaxed) }

    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    func note(completed count: Int) { completed.store(count, ordering: .relaxed) }
}
