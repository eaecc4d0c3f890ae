import Dispatch
import Glibc
package import Paxos
import Synchronization

/// A thread of its own for one file: SQLite's calls block, and no other replica should wait for them.
///
/// What is enqueued is bounded by those who enqueue: a ledger has one write under way, a table what its group has in flight.
package final class SerialThread: StorageExecutor {
    private struct State {
        var work: [@Sendable () -> Void] = []
        /// Ascending by deadline.
        var delayed: [(deadline: DispatchTime, work: @Sendable () -> Void)] = []
        /// The thread waits for a signal: whoever enqueues gives one, once.
        var isAsleep = false
        var isStopping = false
        var thread: pthread_t?
    }

    private enum Next {
        case run([@Sendable () -> Void])
        case sleep(until: DispatchTime)
        case stop
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Linux shows the first 15 bytes of `name`.
    package init(name: String) throws(StorageError) {
        let box = Unmanaged.passRetained(Start(thread: self, name: String(decoding: name.utf8.prefix(15), as: UTF8.self)))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, serialThreadMain, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw StorageError(.other, "no thread could be started: \(String(cString: strerror(code)))")
        }
        let started = thread
        state.withLock { $0.thread = started }
    }

    package func enqueue(_ work: @escaping @Sendable () -> Void) {
        signal { $0.work.append(work) }
    }

    package func enqueue(after delay: Span, _ work: @escaping @Sendable () -> Void) {
        let deadline = DispatchTime.now() + .nanoseconds(Int(delay.nanoseconds))
        signal { state in
            let place = state.delayed.lastIndex { $0.deadline <= deadline }.map { $0 + 1 } ?? 0
            state.delayed.insert((deadline, work), at: place)
        }
    }

    /// Returns when everything enqueued so far is done and the thread has ended; delayed work that is not due is dropped.
    /// Not to be called on the thread itself. Nothing may be enqueued afterwards.
    package func stop() {
        signal { $0.isStopping = true }
        let thread = state.withLock { $0.thread.take() }
        guard let thread else { return }
        invariant(pthread_equal(thread, pthread_self()) == 0, "a thread does not wait for its own end")
        pthread_join(thread, nil)
    }

    private func signal(_ change: (inout State) -> Void) {
        let wasAsleep = state.withLock { state in
            change(&state)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wasAsleep { wake.signal() }
    }

    fileprivate func run() {
        while true {
            switch next() {
            case .run(let work): for piece in work { piece() }
            case .sleep(let deadline):
                if wake.wait(timeout: deadline) == .timedOut {
                    // A signal may have come just after the time: take it, so that it doesn't wake us for nothing.
                    let isStillAsleep = state.withLock { state in
                        defer { state.isAsleep = false }
                        return state.isAsleep
                    }
                    if !isStillAsleep { wake.wait() }
                }
            case .stop: return
            }
        }
    }

    /// Everything that is ready at once, so that the lock is taken once for it.
    private func next() -> Next {
        state.withLock { state in
            let now = DispatchTime.now()
            let due = state.delayed.prefix { $0.deadline <= now }
            if !due.isEmpty {
                state.work.append(contentsOf: due.map(\.work))
                state.delayed.removeFirst(due.count)
            }
            if !state.work.isEmpty {
                defer { state.work = [] }
                return .run(state.work)
            }
            if state.isStopping { return .stop }
            state.isAsleep = true
            return .sleep(until: state.delayed.first?.deadline ?? .distantFuture)
        }
    }
}

private final class Start: Sendable {
    let thread: SerialThread
    let name: String

    init(thread: SerialThread, name: String) {
        self.thread = thread
        self.name = name
    }
}

private func serialThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    nameThisThread(start.name)
    start.thread.run()
    return nil
}

/// For `top -H` and debuggers; nothing depends on it.
private func nameThisThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    close(descriptor)
}
