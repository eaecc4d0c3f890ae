package import Replica

/// Where a replica's stores report to; called on the stores' executors.
package struct StorageHandlers: Sendable {
    /// Completions, in the order of the calls within each store.
    package let completed: @Sendable (StorageEvent) -> Void
    /// Ends the process (exit code 74) with the error's line. A store does and answers nothing afterwards.
    package let failed: @Sendable (StorageError) -> Void
    /// A write waits for another program's lock; it goes on by itself when the lock is free.
    package let stalled: @Sendable (StorageStall) -> Void

    package init(
        completed: @escaping @Sendable (StorageEvent) -> Void, failed: @escaping @Sendable (StorageError) -> Void,
        stalled: @escaping @Sendable (StorageStall) -> Void
    ) {
        self.completed = completed
        self.failed = failed
        self.stalled = stalled
    }
}
