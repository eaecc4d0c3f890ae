package import Paxos

/// Where a store does its work: one piece at a time, in the order in which it was handed over.
package protocol StorageExecutor: Sendable {
    func enqueue(_ work: @escaping @Sendable () -> Void)
    /// Once `delay` has passed, at the latest when the work before it is done. Dropped when the executor stops before.
    func enqueue(after delay: Span, _ work: @escaping @Sendable () -> Void)
}
