package import KeyValue
package import Paxos

/// One shard's log as its replicas applied it: the same everywhere, or the group has failed.
package struct ChosenLog: Sendable {
    /// From slot 1.
    package private(set) var entries: [Entry?] = []

    package init() {}

    /// What disagrees with what another replica, or another life of this one, applied.
    package mutating func note(_ row: SlottedEntry, appliedBy node: NodeID) -> String? {
        let index = Int(row.slot.rawValue) - 1
        while entries.count <= index { entries.append(nil) }
        guard let known = entries[index] else {
            entries[index] = row.entry
            return nil
        }
        if known.content == row.entry.content, known.stamp == row.entry.stamp { return nil }
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

    /// The table that the log makes through `slot`, in memory.
    package func reference(through slot: Slot) throws -> ReferenceTable {
        var table = ReferenceTable()
        try replay(through: slot, into: &table) { _, _ in }
        return table
    }

    /// The mutations that took effect, in their order: each sequence of a session once.
    package func effective() -> [SessionCommand] {
        var table = ReferenceTable()
        var effective: [SessionCommand] = []
        try? replay(through: Slot(UInt64(entries.count)), into: &table) { command, hasTakenEffect in
            if hasTakenEffect { effective.append(command) }
        }
        return effective
    }

    private func replay(
        through slot: Slot, into table: inout ReferenceTable, _ each: (SessionCommand, _ hasTakenEffect: Bool) -> Void
    ) throws {
        for (index, entry) in entries.prefix(Int(slot.rawValue)).enumerated() {
            guard let entry, case .command(let bytes) = entry.content else { continue }
            let command = try SessionCommand(bytes: bytes)
            let wasKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
            try table.apply(command, slot: UInt64(index + 1), stamp: entry.stamp.rawValue)
            let isKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
            each(command, isKept && !wasKept)
        }
    }
}
