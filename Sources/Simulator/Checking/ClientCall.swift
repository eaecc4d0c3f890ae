package import KeyValue
package import Linearizability
package import Paxos
package import Replica

/// What a client asked, and what it was told.
package struct ClientCall: Sendable {
    package let number: Int
    package let node: NodeID
    /// The life of the node that was asked.
    package let boot: UInt64
    package let key: String
    package let input: KeyCommand
    package let isLocal: Bool
    package let invokedAt: Instant
    package var reply: ServiceReply?
    package var answeredAt: Instant?
    /// A read that may rest on a lease, answered while clocks were beyond the bound that leases rest on.
    package var mayBeStale = false
    /// Of a command for keys of several shards: its value is of some moment before the answer, which waits for all parts.
    package var isPart = false

    package init(number: Int, node: NodeID, boot: UInt64, key: String, input: KeyCommand, isLocal: Bool, invokedAt: Instant) {
        self.number = number
        self.node = node
        self.boot = boot
        self.key = key
        self.input = input
        self.isLocal = isLocal
        self.invokedAt = invokedAt
    }

    package var isRead: Bool { input == .get }

    /// Nil where there is none, or where the outcome is none that the command can have.
    var result: KeyResult? {
        guard case .outcome(let outcome)? = reply else { return nil }
        return input.result(outcome)
    }
}

extension KeyCommand {
    package func command(key: String) -> Command {
        let key = [UInt8](key.utf8)
        func set(_ value: String, _ condition: Mutation.Condition) -> Command {
            .mutation(.set(key: key, value: [UInt8](value.utf8), condition: condition, returnsPrevious: false))
        }
        switch self {
        case .get: return .query(.get(key: key))
        case .set(let value): return set(value, .always)
        case .setIfAbsent(let value): return set(value, .ifAbsent)
        case .setIfEqual(let expected, let value): return set(value, .ifEqual([UInt8](expected.utf8)))
        case .increment(let amount): return .mutation(.increment(key: key, by: amount))
        case .append(let value): return .mutation(.append(key: key, value: [UInt8](value.utf8)))
        case .delete: return .mutation(.delete(keys: [key]))
        }
    }

    /// Two keys that are only ever written by one `MSET` and read by one `MGET`: together they are one register.
    package func pairCommand(key: String) -> Command? {
        let keys = [[UInt8]((key + ".1").utf8), [UInt8]((key + ".2").utf8)]
        switch self {
        case .get: return .query(.getMany(keys: keys))
        case .set(let value): return .mutation(.setMany(pairs: keys.map { Mutation.Pair(key: $0, value: [UInt8](value.utf8)) }))
        case .setIfAbsent, .setIfEqual, .increment, .append, .delete: return nil
        }
    }

    /// Nil where the outcome is none that this command can have.
    package func result(_ outcome: Outcome) -> KeyResult? {
        switch (self, outcome) {
        case (.get, .value(let bytes)): .value(bytes.map { String(decoding: $0, as: UTF8.self) })
        case (.get, .values(let both)) where both.count == 2 && both[0] == both[1]:
            .value(both[0].map { String(decoding: $0, as: UTF8.self) })
        case (.set, .set(true, nil)), (.set, .done): .done
        case (.setIfAbsent, .set(let isApplied, nil)), (.setIfEqual, .set(let isApplied, nil)): .applied(isApplied)
        case (.increment, .integer(let number)), (.append, .integer(let number)): .integer(number)
        case (.delete, .integer(let count)): .applied(count > 0)
        default: nil
        }
    }

    /// What tells a write from every other one.
    var tag: String? {
        switch self {
        case .set(let value), .setIfAbsent(let value), .setIfEqual(_, let value), .append(let value): value
        case .get, .increment, .delete: nil
        }
    }
}

extension Mutation {
    var tag: String? {
        switch self {
        case .set(_, let value, _, _), .append(_, let value, _): String(decoding: value, as: UTF8.self)
        case .setMany(let pairs): pairs.first.map { String(decoding: $0.value, as: UTF8.self) }
        default: nil
        }
    }
}
