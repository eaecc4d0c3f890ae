/// The words that every layer shares. All are plain numbers, so that the core stays a value.

/// A node, by its place (from 1) in the cluster file; nodes are only ever appended there.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "n\(rawValue)" }
}

/// A shard: a 32-bit hash of its name, so that the order of shards in the cluster file means nothing.
package struct ShardID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static func < (left: ShardID, right: ShardID) -> Bool { left.rawValue < right.rawValue }
}

/// A place in the replicated log, from 1; slot 0 stands for "nothing yet".
package struct Slot: RawRepresentable, Hashable, Comparable, Sendable, Strideable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(_ number: UInt64) { rawValue = number }

    package static let none = Slot(0)

    package var next: Slot { Slot(rawValue + 1) }
    /// The slot before this one; `none` has no predecessor.
    package var previous: Slot {
        invariant(rawValue > 0, "slot 0 has no predecessor")
        return Slot(rawValue - 1)
    }

    package func distance(to other: Slot) -> Int { Int(Int64(other.rawValue) - Int64(rawValue)) }
    package func advanced(by count: Int) -> Slot { Slot(UInt64(Int64(rawValue) + Int64(count))) }

    package static func < (left: Slot, right: Slot) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "\(rawValue)" }
}

/// A ballot number: ordered by round, ties broken by the proposer (Paxos Made Simple, §2.2).
package struct Ballot: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let round: UInt64
    package let node: NodeID

    package init(round: UInt64, node: NodeID) {
        self.round = round
        self.node = node
    }

    /// Below every ballot that anybody proposes under.
    package static let zero = Ballot(round: 0, node: NodeID(rawValue: 0))

    package static func < (left: Ballot, right: Ballot) -> Bool {
        left.round != right.round ? left.round < right.round : left.node < right.node
    }

    package var description: String { "\(round).\(node.rawValue)" }
}

/// What tells one life of a replica's directory from another: drawn at random when the directory is made, never 0.
/// A replica whose ledger was lost comes back under another incarnation, and is a stranger to its group.
package struct Incarnation: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Not known yet.
    package static let unknown = Incarnation(rawValue: 0)

    package static func < (left: Incarnation, right: Incarnation) -> Bool { left.rawValue < right.rawValue }

    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// How often this incarnation has been started, from 1; 0 is "not known yet".
package struct Boot: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let unknown = Boot(rawValue: 0)

    package static func < (left: Boot, right: Boot) -> Bool { left.rawValue < right.rawValue }
}

/// A moment on one machine's `CLOCK_BOOTTIME`, in nanoseconds: comparable only with moments of the same boot of the same node.
package struct Instant: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Instant(nanoseconds: 0)
    package static let distantFuture = Instant(nanoseconds: .max)

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func + (instant: Instant, span: Span) -> Instant { Instant(nanoseconds: instant.nanoseconds + span.nanoseconds) }
    package static func - (later: Instant, earlier: Instant) -> Span { Span(nanoseconds: later.nanoseconds - earlier.nanoseconds) }
    package static func - (instant: Instant, span: Span) -> Instant { Instant(nanoseconds: instant.nanoseconds - span.nanoseconds) }
}

/// A length of time in nanoseconds.
package struct Span: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func milliseconds(_ count: Int64) -> Span { Span(nanoseconds: count * 1_000_000) }
    package static let zero = Span(nanoseconds: 0)

    package var milliseconds: Double { Double(nanoseconds) / 1_000_000 }

    package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func + (left: Span, right: Span) -> Span { Span(nanoseconds: left.nanoseconds + right.nanoseconds) }
    package static func - (left: Span, right: Span) -> Span { Span(nanoseconds: left.nanoseconds - right.nanoseconds) }
    package static func * (span: Span, factor: Int64) -> Span { Span(nanoseconds: span.nanoseconds * factor) }
    package static func / (span: Span, divisor: Int64) -> Span { Span(nanoseconds: span.nanoseconds / divisor) }
}

/// A leader's wall clock in milliseconds since 1970, as written into the log; it never decreases from slot to slot.
package struct Stamp: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let zero = Stamp(rawValue: 0)

    package static func < (left: Stamp, right: Stamp) -> Bool { left.rawValue < right.rawValue }
}
