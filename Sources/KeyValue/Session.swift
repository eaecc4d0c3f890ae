/// One open session.
package struct Session: Hashable, Sendable {
    package let id: SessionID
    /// In milliseconds of the log's stamps.
    package let timeToLive: UInt64
    /// The stamp of its latest command; never decreases.
    package private(set) var lastStamp: UInt64
    package private(set) var kept: KeptOutcomes

    init(id: SessionID, timeToLive: UInt64, stamp: UInt64, answeredBelow: UInt64) {
        self.id = id
        self.timeToLive = timeToLive
        lastStamp = stamp
        kept = KeptOutcomes(base: max(1, answeredBelow))
    }

    package func isExpired(at stamp: UInt64) -> Bool {
        let (deadline, overflows) = lastStamp.addingReportingOverflow(timeToLive)
        return !overflows && stamp > deadline
    }

    /// A sign of life, which also says what the client has answered.
    mutating func heard(at stamp: UInt64, answeredBelow: UInt64) {
        lastStamp = max(lastStamp, stamp)
        kept.letGo(below: answeredBelow)
    }

    /// The outcome that `sequence` has without being applied; nil where it is to be applied.
    func settled(_ sequence: UInt64, after previous: UInt64) -> Outcome? {
        if sequence < kept.base { return .failed(.alreadyAnswered) }
        if let outcome = kept[sequence] { return outcome }
        if previous >= kept.base, kept[previous] == nil { return .failed(.outOfOrder) }
        if sequence - kept.base >= UInt64(Sessions.outcomesMax) || kept.byteCount >= Sessions.outcomeBytesMax {
            return .failed(.sessionFull)
        }
        return nil
    }

    mutating func keep(_ outcome: Outcome, for sequence: UInt64) { kept.keep(outcome, for: sequence) }
}

extension Session {
    var record: SessionRecord {
        SessionRecord(id: id, timeToLive: timeToLive, lastStamp: lastStamp, answeredBelow: kept.base, results: kept.bytes)
    }

    init(record: SessionRecord) throws(CodingError) {
        id = record.id
        timeToLive = record.timeToLive
        lastStamp = record.lastStamp
        kept = try KeptOutcomes(base: record.answeredBelow, bytes: record.results, widthMax: Sessions.outcomesMax)
    }
}
