package import KeyValue
package import Paxos

/// One shard's log as its replicas applied it: the same everywhere, or the group has failed.
package struct ChosenLog: Sendable {
    /// From slot 1.
    package private(set) var entries: [Entry?] = []
    private var replay = LogReplay()

    package init() {}

    /// What disagrees with what another replica, or another life of this one, applied.
    package mutating func note(_ row: SlottedEntry, appliedBy node: NodeID) -> String? {
        let index = Int(row.slot.rawValue) - 1
        while entries.count <= index { entries.append(nil) }
        guard let known = entries[index] else {
            entries[index] = row.entry
            return nil
        }
        if known.hasValue(of: row.entry) { return nil }
        return "agreement: \(node) applies \(row.entry) at slot \(row.slot), where another replica applied \(known)"
    }

    /// Why this can't be a log: a gap, or a stamp that goes back.
    package var problem: String? {
        var stamp = Stamp.zero
        for (index, entry) in entries.enumerated() {
            guard let entry else { return "agreement: slot \(index + 1) was applied nowhere, but later ones were" }
            if entry.stamp < stamp { return "stamps: the stamp goes back at slot \(index + 1): \(entry) after \(stamp.rawValue)" }
            stamp = entry.stamp
        }
        return nil
    }

    /// The table that the log makes through `slot`, in memory; nil where some slot up to it is not known.
    package mutating func reference(through slot: Slot) throws -> ReferenceTable? {
        try replayKnown()
        return slot <= replay.upTo ? try replay.reference(through: slot, entries) : nil
    }

    /// The mutations that took effect, in their order: each sequence of a session once.
    package mutating func effective() -> [SessionCommand] {
        try? replayKnown()
        return replay.effective
    }

    /// Where the mutations that clients know by this name have taken effect, as far as is known.
    mutating func effects(named name: String) -> [Slot] {
        try? replayKnown()
        return replay.effects[name] ?? []
    }

    private mutating func replayKnown() throws {
        while Int(replay.upTo.rawValue) < entries.count, let entry = entries[Int(replay.upTo.rawValue)] { try replay.apply(entry) }
    }
}
