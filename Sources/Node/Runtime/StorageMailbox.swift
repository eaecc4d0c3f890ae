import NIOCore
import Replica
import Synchronization

/// The way of storage's completions from its threads to the event loop: those that come while it is busy are handed over together.
final class StorageMailbox: Sendable {
    typealias Letter = (ordinal: Int, event: StorageEvent)

    private struct State {
        var letters: [Letter] = []
        var notify: (@Sendable () -> Void)?
    }

    /// As many as storage has work under way, which its callers bound.
    private let state = Mutex(State())

    func post(_ event: StorageEvent, from ordinal: Int) {
        let notify = state.withLock { state in
            state.letters.append((ordinal, event))
            return state.letters.count == 1 ? state.notify : nil
        }
        notify?()
    }

    /// `notify` is called, on any thread, when there is something to take.
    func open(_ notify: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLock { state in
            state.notify = notify
            return !state.letters.isEmpty
        }
        if isWaiting { notify() }
    }

    func close() {
        state.withLock { $0.notify = nil }
    }

    func take() -> [Letter] {
        state.withLock { state in
            defer { state.letters = [] }
            return state.letters
        }
    }
}
