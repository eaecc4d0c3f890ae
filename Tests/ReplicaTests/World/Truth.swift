import KeyValue
import Paxos

/// The log as it was applied: the same everywhere, or the world has failed.
final class Truth {
    unowned var world: World!
    /// From slot 1.
    private(set) var entries: [Entry?] = []

    func note(_ row: SlottedEntry, appliedBy node: NodeID) {
        let index = Int(row.slot.rawValue) - 1
        while entries.count <= index { entries.append(nil) }
        guard let known = entries[index] else { return entries[index] = row.entry }
        if known.content != row.entry.content || known.stamp != row.entry.stamp {
            world.fail("\(node) applies \(row.entry) at slot \(row.slot), where another replica applied \(known)")
        }
    }

    /// The mutations that took effect, in their order: each sequence of a session once.
    func effective() -> [SessionCommand] {
        var table = ReferenceTable()
        var effective: [SessionCommand] = []
        var stamp: UInt64 = 0
        for (index, entry) in entries.enumerated() {
            guard let entry else {
                world.fail("slot \(index + 1) was applied nowhere, but later ones were")
                break
            }
            if entry.stamp.rawValue < stamp {
                world.fail("the stamp goes back at slot \(index + 1): \(entry) after \(String(describing: entries[index - 1]))")
                break
            }
            stamp = max(stamp, entry.stamp.rawValue)
            guard case .command(let bytes) = entry.content, let command = try? SessionCommand(bytes: bytes) else { continue }
            let wasKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
            _ = try? table.apply(command, slot: UInt64(index + 1), stamp: entry.stamp.rawValue)
            let isKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
            if isKept, !wasKept { effective.append(command) }
        }
        return effective
    }
}
