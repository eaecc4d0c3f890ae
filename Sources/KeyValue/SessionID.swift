/// One node's session with one shard for one life of its process. The node stands in the top 16 bits, so that
/// whoever leads when a command is applied knows where to send the outcome; the rest is drawn at random.
package struct SessionID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package init(node: UInt16, random: UInt64) {
        rawValue = UInt64(node) << 48 | random & 0xFFFF_FFFF_FFFF
    }

    package var node: UInt16 { UInt16(rawValue >> 48) }

    package static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
}

/// A mutation as it stands in the log.
package struct SessionCommand: Hashable, Sendable {
    package let session: SessionID
    /// Counts the session's commands from 1.
    package let sequence: UInt64
    /// Every sequence below this has been answered to its client: its outcome may be forgotten.
    package let answeredBelow: UInt64
    /// The sequence that was handed over just before this one; 0 where everything before has been answered. A new leader may
    /// find this command in the log of an earlier one and not the command before it: then it is not applied.
    package let previous: UInt64
    package let mutation: Mutation

    package init(session: SessionID, sequence: UInt64, answeredBelow: UInt64, previous: UInt64 = 0, mutation: Mutation) {
        self.session = session
        self.sequence = sequence
        self.answeredBelow = answeredBelow
        self.previous = previous
        self.mutation = mutation
    }
}
