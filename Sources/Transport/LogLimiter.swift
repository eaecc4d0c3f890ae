import NIOCore

/// At most one line in ten seconds for each reason, so that nobody can fill a disk by sending garbage.
struct LogLimiter {
    private static let interval = TimeAmount.seconds(10)

    private struct Entry {
        var last: NIODeadline
        var suppressed = 0
    }

    /// One entry for each reason: never more than there are reasons.
    private var entries: [DropReason: Entry] = [:]

    /// The line to log, if any.
    mutating func line(for reason: DropReason, at now: NIODeadline, _ text: @autoclosure () -> String) -> String? {
        guard let entry = entries[reason] else {
            entries[reason] = Entry(last: now)
            return text()
        }
        guard now - entry.last >= Self.interval else {
            entries[reason]?.suppressed += 1
            return nil
        }
        entries[reason] = Entry(last: now)
        return entry.suppressed == 0 ? text() : "\(text()) (and \(entry.suppressed) more of this kind before)"
    }
}
