package import Replica

/// Where a replica's stores report to; called on the stores' executors.
package struct StorageHandlers: Sendable {
    /// Completions, in the order of the calls within each store.
    package let completed: @Sendable (StorageEvent) -> Void
    /// Ends the process (exit code 74) with the error's line. A store does and answers nothing afterwards.
    package let failed: @Sendable (StorageError) -> Void
    /// A write waits: it goes on by itself when what stands in its way is gone.
    package let stalled: @Sendable (StorageStall) -> Void
    /// Something that a person should know of, and that was put right: one line.
    package let noticed: @Sendable (String) -> Void

    package init(
        completed: @escaping @Sendable (StorageEvent) -> Void, failed: @escaping @Sendable (StorageError) -> Void,
        stalled: @escaping @Sendable (StorageStall) -> Void, noticed: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.completed = completed
        self.failed = failed
        self.stalled = stalled
        self.noticed = noticed
    }
}
