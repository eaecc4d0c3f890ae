/// What the log's commands do to a shard's rows: the same on every replica, given the same slots and stamps.
///
/// Redis semantics, for strings. Errors are those of `rows`, and leave the state unusable: whoever applies stops, and starts
/// again from what is durable.
package struct StateMachine: Hashable, Sendable {
    /// The longest value that `append` makes, in bytes: Redis's 512 MiB. What a cluster allows is less, and comes with
    /// the command.
    package static let valueBytesMax = 512 << 20

    package private(set) var sessions: Sessions
    /// Every replica of a shard must have the same.
    private let valueBytesMax: Int

    package init(sessions: Sessions = Sessions(), valueBytesMax: Int = StateMachine.valueBytesMax) {
        self.sessions = sessions
        self.valueBytesMax = valueBytesMax
    }

    /// `stamp` is the entry's, in milliseconds. A command that has been applied before changes nothing, and has the same outcome.
    package mutating func apply(
        _ command: SessionCommand, slot: UInt64, stamp: UInt64, to rows: inout some Rows
    ) throws -> Outcome {
        switch sessions.admit(command, stamp: stamp) {
        case .settled(let outcome): return outcome
        case .fresh(let place):
            let outcome = try perform(command.mutation, slot: slot, on: &rows)
            sessions.keep(outcome, of: command, place: place)
            return outcome
        }
    }

    /// The sessions that changed since the last call: to be written in the same transaction as the rows.
    package mutating func takeSessionChanges() -> SessionChanges { sessions.takeChanges() }

    private func perform(_ mutation: Mutation, slot: UInt64, on rows: inout some Rows) throws -> Outcome {
        switch mutation {
        case .set(let key, let value, let condition, let returnsPrevious):
            return try set(key, value, condition, returnsPrevious: returnsPrevious, slot: slot, on: &rows)
        case .setMany(let pairs):
            for pair in pairs { try rows.put(pair.key, pair.value, slot: slot) }
            return .done
        case .delete(let keys):
            var count: Int64 = 0
            for key in keys where try rows.remove(key) { count += 1 }
            return .integer(count)
        case .getAndDelete(let key):
            let value = try rows.value(of: key)
            if value != nil { _ = try rows.remove(key) }
            return .value(value)
        case .append(let key, let suffix, let resultBytesMax):
            var value = try rows.value(of: key) ?? []
            guard value.count + suffix.count <= min(valueBytesMax, Int(resultBytesMax)) else { return .failed(.valueTooLarge) }
            value.append(contentsOf: suffix)
            try rows.put(key, value, slot: slot)
            return .integer(Int64(value.count))
        case .increment(let key, let amount):
            return try increment(key, by: amount, slot: slot, on: &rows)
        case .agreeOnTable:
            // Whoever holds the table compares; what it holds stays as it is.
            return .done
        case .openSession, .keepSession:
            preconditionFailure("a session's own commands are settled by the sessions")
        }
    }

    /// Reads the row only where the condition or the client asks for it.
    private func set(
        _ key: [UInt8], _ value: [UInt8], _ condition: Mutation.Condition, returnsPrevious: Bool, slot: UInt64, on rows: inout some Rows
    ) throws -> Outcome {
        var previous: [UInt8]?
        let isApplied: Bool
        switch condition {
        case .always:
            if returnsPrevious { previous = try rows.value(of: key) }
            isApplied = true
        case .ifAbsent, .ifPresent:
            let exists: Bool
            if returnsPrevious {
                previous = try rows.value(of: key)
                exists = previous != nil
            } else {
                exists = try rows.length(of: key) != nil
            }
            isApplied = exists == (condition == .ifPresent)
        case .ifEqual(let expected):
            previous = try rows.value(of: key)
            isApplied = previous == expected
        }
        if isApplied { try rows.put(key, value, slot: slot) }
        return .set(isApplied: isApplied, previous: returnsPrevious ? previous : nil)
    }

    /// A key that does not exist counts from 0.
    private func increment(_ key: [UInt8], by amount: Int64, slot: UInt64, on rows: inout some Rows) throws -> Outcome {
        var number: Int64 = 0
        if let value = try rows.value(of: key) {
            guard let parsed = value.withUnsafeBytes({ Int64(digits: $0) }) else { return .failed(.notAnInteger) }
            number = parsed
        }
        let (sum, overflows) = number.addingReportingOverflow(amount)
        guard !overflows else { return .failed(.overflow) }
        try rows.put(key, [UInt8](String(sum).utf8), slot: slot)
        return .integer(sum)
    }
}
