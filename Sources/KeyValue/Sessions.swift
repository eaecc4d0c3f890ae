/// Every open session of a shard: replicated state, the same on every replica at the same slot.
///
/// A client that hears nothing sends its command again, perhaps through another node, and the log may then hold it twice.
/// It is applied the first time; the second time its kept outcome is the answer (Ongaro's thesis, §6.3).
/// What has neither been applied nor kept is refused: a command never applies under a session that may have forgotten it.
package struct Sessions: Sendable {
    /// How far a session's sequences may be ahead of the lowest one that it keeps.
    package static let outcomesMax = 8192
    /// A session that keeps this many bytes of outcomes applies nothing more; the last one may go beyond.
    package static let outcomeBytesMax = 16 << 20
    /// How many sessions may be open: they are one for each life of a node, until they expire.
    package static let sessionsMax = 1024

    /// Ascending by id.
    private var entries: [Entry] = []
    /// Ascending; no longer open, and not taken yet.
    private var removed: [SessionID] = []
    /// Where the latest session stood: the next command is mostly of the same one.
    private var latest = 0

    private struct Entry: Sendable {
        var session: Session
        /// Changed since the changes were last taken.
        var isChanged: Bool
    }

    /// What is to be done with a command.
    package enum Admission: Hashable, Sendable {
        /// Nothing: this is its outcome.
        case settled(Outcome)
        /// Apply it, and keep the outcome in the session at this place.
        case fresh(place: Int)
    }

    package init() {}

    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// Ascending by id.
    package var records: [SessionRecord] { entries.map(\.session.record) }

    /// Nil where it is not open; an expired session is open until another one opens.
    package func session(_ id: SessionID) -> Session? {
        let place = firstPlace(notBelow: id)
        return place < entries.count && entries[place].session.id == id ? entries[place].session : nil
    }

    /// Looks at a command before it is applied. A session's own commands are settled here; they are harmless when repeated, so
    /// that their sequences neither matter nor keep an outcome.
    package mutating func admit(_ command: SessionCommand, stamp: UInt64) -> Admission {
        if case .openSession(let timeToLive) = command.mutation {
            return .settled(open(command, timeToLive: timeToLive, stamp: stamp))
        }
        guard let place = place(of: command.session), !entries[place].session.isExpired(at: stamp) else {
            return .settled(.failed(.noSession))
        }
        entries[place].isChanged = true
        entries[place].session.heard(at: stamp, answeredBelow: command.answeredBelow)
        if case .keepSession = command.mutation { return .settled(.done) }
        if let outcome = entries[place].session.settled(command.sequence, after: command.previous) { return .settled(outcome) }
        return .fresh(place: place)
    }

    /// Right after `admit` has said `fresh`.
    package mutating func keep(_ outcome: Outcome, of command: SessionCommand, place: Int) {
        precondition(entries[place].session.id == command.session, "an outcome is kept in its own session")
        entries[place].session.keep(outcome, for: command.sequence)
    }

    /// What has changed since the last call, which the caller writes in the same transaction as the rows.
    package mutating func takeChanges() -> SessionChanges {
        var changed: [SessionRecord] = []
        for index in entries.indices where entries[index].isChanged {
            changed.append(entries[index].session.record)
            entries[index].isChanged = false
        }
        defer { removed = [] }
        return SessionChanges(changed: changed, removed: removed)
    }

    /// As the table holds them, in any order.
    package init(records: [SessionRecord]) throws(CodingError) {
        for record in records { entries.append(Entry(session: try Session(record: record), isChanged: false)) }
        entries.sort { $0.session.id < $1.session.id }
        guard zip(entries, entries.dropFirst()).allSatisfy({ $0.session.id < $1.session.id }) else {
            throw .malformed("the sessions: one stands there twice")
        }
    }

    private mutating func open(_ command: SessionCommand, timeToLive: UInt64, stamp: UInt64) -> Outcome {
        if let place = place(of: command.session) {
            // To open an expired session anew would forget what it has applied.
            guard !entries[place].session.isExpired(at: stamp) else { return .failed(.noSession) }
            entries[place].isChanged = true
            entries[place].session.heard(at: stamp, answeredBelow: command.answeredBelow)
            return .done
        }
        removeExpired(at: stamp)
        guard entries.count < Self.sessionsMax else { return .failed(.sessionFull) }
        let session = Session(id: command.session, timeToLive: timeToLive, stamp: stamp, answeredBelow: command.answeredBelow)
        entries.insert(Entry(session: session, isChanged: true), at: firstPlace(notBelow: session.id))
        removed.removeAll { $0 == session.id }
        return .done
    }

    private mutating func removeExpired(at stamp: UInt64) {
        let expired = entries.lazy.map(\.session).filter { $0.isExpired(at: stamp) }.map(\.id)
        removed = (removed + expired).sorted()
        entries.removeAll { $0.session.isExpired(at: stamp) }
    }

    private mutating func place(of id: SessionID) -> Int? {
        if latest < entries.count, entries[latest].session.id == id { return latest }
        let place = firstPlace(notBelow: id)
        guard place < entries.count, entries[place].session.id == id else { return nil }
        latest = place
        return place
    }

    private func firstPlace(notBelow id: SessionID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].session.id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Equal when the same sessions are open and keep the same outcomes, whatever has been taken.
extension Sessions: Hashable {
    package static func == (left: Sessions, right: Sessions) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.session == $1.session }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(entries.count)
        for entry in entries { hasher.combine(entry.session) }
    }
}
