/// What stands in one slot of the log, with the ballot at which this replica accepted it.
package struct Entry: Hashable, Sendable {
    /// The ballot of the acceptance (an acceptor's *vbal* in The Part-Time Parliament).
    package var ballot: Ballot
    /// The leader's clock when it first proposed the content; kept when a later leader proposes the content again.
    package var stamp: Stamp
    package var content: Content

    package enum Content: Hashable, Sendable {
        /// Fills a gap, or stands for a new leader's own first entry.
        case noOperation
        /// Bytes that the core does not look into.
        case command([UInt8])
        /// Governs the slots from this one's + α on.
        case configuration(Configuration)
    }

    package init(ballot: Ballot, stamp: Stamp, content: Content) {
        self.ballot = ballot
        self.stamp = stamp
        self.content = content
    }

    /// The bytes that an entry stands for in limits on memory, messages and flow.
    package var byteCount: Int {
        switch content {
        case .noOperation: 32
        case .command(let bytes): 32 + bytes.count
        case .configuration(let configuration): 64 + configuration.members.count * 24
        }
    }
}

/// An entry and where it stands.
package struct SlottedEntry: Hashable, Sendable {
    package let slot: Slot
    package var entry: Entry

    package init(slot: Slot, entry: Entry) {
        self.slot = slot
        self.entry = entry
    }
}
