package import Paxos

/// Chosen entries on their way to a follower's table: it takes many at a time, since for each time its thread is woken.
package struct TableFeed {
    private var entries: [SlottedEntry] = []
    private var since = Instant.zero

    static let entriesMax = 64
    static let wait = Span.milliseconds(10)

    package init() {}

    package mutating func add(_ more: [SlottedEntry], at now: Instant) {
        if entries.isEmpty { since = now }
        entries += more
    }

    /// As of the last message or tick: it is not worth a wake-up of its own.
    package func isDue(at now: Instant) -> Bool { entries.count >= Self.entriesMax || !entries.isEmpty && now - since >= Self.wait }

    package mutating func take() -> [SlottedEntry] {
        defer { entries = [] }
        return entries
    }
}
