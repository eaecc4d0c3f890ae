import Synchronization

/// A store's open file, and what ends its use: being closed, and the first failure.
final class GuardedFile<File: ~Copyable>: Sendable {
    /// Nil once closed.
    private let file: Mutex<File?>
    private let closing = Atomic(false)
    /// A sync that succeeds after one that failed proves nothing: after the first failure, nothing is done or answered.
    private let hasFailed = Atomic(false)
    private let failed: @Sendable (StorageError) -> Void

    init(_ file: consuming sending File, failed: @escaping @Sendable (StorageError) -> Void) {
        self.file = Mutex(consume file)
        self.failed = failed
    }

    /// Waits for locks are to be given up.
    var isClosing: Bool { closing.load(ordering: .relaxed) }

    func beginClosing() { closing.store(true, ordering: .relaxed) }

    func close() {
        file.withLock { $0 = nil }
    }

    /// Nil when the file is closed or has failed.
    func perform<Result: Sendable>(_ body: (inout File) throws(StorageError) -> Result) -> Result? {
        if hasFailed.load(ordering: .relaxed) { return nil }
        do throws(StorageError) {
            return try file.withLock { (file) throws(StorageError) -> Result? in
                if file == nil { return nil }
                return try body(&file!)
            }
        } catch {
            hasFailed.store(true, ordering: .relaxed)
            failed(error)
            return nil
        }
    }
}
