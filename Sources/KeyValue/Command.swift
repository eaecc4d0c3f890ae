/// What a client asks, for keys of one shard. Keys and values are bytes.
package enum Command: Hashable, Sendable {
    case query(Query)
    case mutation(Mutation)
}

/// Reads; changes nothing.
package enum Query: Hashable, Sendable {
    case get(key: [UInt8])
    case getMany(keys: [[UInt8]])
    /// How many of the keys exist, a key named twice counting twice.
    case exists(keys: [[UInt8]])
    case length(key: [UInt8])
    case type(key: [UInt8])
    /// Keys with row ids above `after`, ascending by row id, at most `count` rows looked at; `pattern` is a Redis glob.
    case scan(after: UInt64, count: Int, pattern: [UInt8]?)
    case count
    /// The key whose row id follows `seed` modulo the largest row id.
    case randomKey(seed: UInt64)
}

/// Writes; goes through the log.
package enum Mutation: Hashable, Sendable {
    case set(key: [UInt8], value: [UInt8], condition: Condition, returnsPrevious: Bool)
    /// All or nothing at one slot.
    case setMany(pairs: [Pair])
    case delete(keys: [[UInt8]])
    case getAndDelete(key: [UInt8])
    /// `resultBytesMax`: what the cluster of whoever proposed it allows. It travels along, so that every replica comes to the same.
    case append(key: [UInt8], value: [UInt8], resultBytesMax: UInt32 = .max)
    case increment(key: [UInt8], by: Int64)
    /// Makes the session that the command itself names; `timeToLive` in milliseconds of the log's stamps.
    case openSession(timeToLive: UInt64)
    /// Keeps the session alive.
    case keepSession
    /// A quorum's tables had this hash at this slot: a replica whose table had another has gone wrong, and rebuilds it.
    case agreeOnTable(slot: UInt64, hash: UInt64)

    package struct Pair: Hashable, Sendable {
        package let key: [UInt8]
        package let value: [UInt8]

        package init(key: [UInt8], value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    package enum Condition: Hashable, Sendable {
        case always
        /// Redis `NX`.
        case ifAbsent
        /// Redis `XX`.
        case ifPresent
        /// Valkey `IFEQ`.
        case ifEqual([UInt8])
    }
}

/// What a command came to.
package enum Outcome: Hashable, Sendable {
    case done
    /// `SET`: whether the condition held; the previous value where it was asked for.
    case set(isApplied: Bool, previous: [UInt8]?)
    case value([UInt8]?)
    case values([[UInt8]?])
    case integer(Int64)
    /// `next` is 0 at the end.
    case page(next: UInt64, keys: [[UInt8]])
    case type(String?)
    /// Applied, and changed nothing.
    case failed(CommandFailure)
}

/// Why a command that was applied changed nothing: the same on every replica.
package enum CommandFailure: UInt8, Hashable, Sendable {
    case notAnInteger = 1
    case overflow = 2
    case valueTooLarge = 3
    /// The session is unknown or has expired; this attempt was not applied.
    case noSession = 4
    /// The session has already let go of this sequence number; this attempt was not applied.
    case alreadyAnswered = 5
    /// The session holds as many unanswered results as it may; this attempt was not applied.
    case sessionFull = 6
    /// The command that was handed over before it has not been applied; nor was this attempt.
    case outOfOrder = 7
}
