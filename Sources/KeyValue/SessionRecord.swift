/// A session as the table keeps it: one row.
package struct SessionRecord: Hashable, Sendable {
    package let id: SessionID
    /// In milliseconds of the log's stamps.
    package let timeToLive: UInt64
    /// The stamp of its latest command.
    package let lastStamp: UInt64
    /// No outcome below this sequence is kept.
    package let answeredBelow: UInt64
    /// The kept outcomes, in the form that `KeptOutcomes.swift` describes.
    package let results: [UInt8]

    package init(id: SessionID, timeToLive: UInt64, lastStamp: UInt64, answeredBelow: UInt64, results: [UInt8]) {
        self.id = id
        self.timeToLive = timeToLive
        self.lastStamp = lastStamp
        self.answeredBelow = answeredBelow
        self.results = results
    }
}

/// What the table has to write so that its sessions are those of the state machine. No session stands in both lists.
package struct SessionChanges: Hashable, Sendable {
    /// Opened, or heard of; ascending by id.
    package let changed: [SessionRecord]
    /// Ascending; some of them may never have been written.
    package let removed: [SessionID]

    package var isEmpty: Bool { changed.isEmpty && removed.isEmpty }
}
