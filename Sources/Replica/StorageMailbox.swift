import Synchronization

/// The way of storage's completions from its threads to the event loop: those that come while it is busy are handed over together, and
/// those that nobody waits for when it next has something to do.
package final class StorageMailbox: Sendable {
    package typealias Letter = (ordinal: Int, event: StorageEvent)

    private struct State {
        var letters: [Letter] = []
        /// In the order of the shards.
        var awaited: [AwaitedCompletions] = []
        var notify: (@Sendable () -> Void)?
        /// Nobody has taken the letters since.
        var isNotified = false

        func isAwaited(_ letter: Letter) -> Bool {
            letter.ordinal >= awaited.count || awaited[letter.ordinal].contains(letter.event)
        }
    }

    /// As many as storage has work under way, which its callers bound.
    private let state = Mutex(State())

    package init() {}

    package func post(_ event: StorageEvent, from ordinal: Int) {
        let notify: (@Sendable () -> Void)? = state.withLock { state in
            let letter = (ordinal: ordinal, event: event)
            state.letters.append(letter)
            guard !state.isNotified, state.isAwaited(letter), let notify = state.notify else { return nil }
            state.isNotified = true
            return notify
        }
        notify?()
    }

    /// `notify` is called, on any thread, when there is something to take that is awaited.
    package func open(_ notify: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLock { state in
            state.notify = notify
            state.isNotified = !state.letters.isEmpty
            return state.isNotified
        }
        if isWaiting { notify() }
    }

    package func close() {
        state.withLock { $0.notify = nil }
    }

    package func take() -> [Letter] {
        state.withLock { state in
            state.isNotified = false
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// From now on a shard waits for these. True where one of them is there already: it is to be taken at once.
    package func expect(_ awaited: AwaitedCompletions, of ordinal: Int) -> Bool {
        state.withLock { state in
            while state.awaited.count <= ordinal { state.awaited.append(.all) }
            guard state.awaited[ordinal] != awaited else { return false }
            state.awaited[ordinal] = awaited
            return state.letters.contains { $0.ordinal == ordinal && state.isAwaited($0) }
        }
    }
}

/// Which of storage's completions a replica waits for; others do not wake the event loop.
package struct AwaitedCompletions: Hashable, Sendable {
    private let commits: Bool
    private let applied: Bool

    package static let all = AwaitedCompletions(commits: true, applied: true)

    package init(commits: Bool, applied: Bool) {
        self.commits = commits
        self.applied = applied
    }

    package func contains(_ event: StorageEvent) -> Bool {
        switch event {
        case .ledgerCommitted: commits
        case .applied: applied
        case .ledgerEntries, .hashed, .answers, .tableDurable, .roomChanged, .snapshotOffered, .snapshotRead, .snapshotStored,
            .snapshotInstalled, .snapshotRefused:
            true
        }
    }
}
