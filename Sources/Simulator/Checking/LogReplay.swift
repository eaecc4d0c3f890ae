import KeyValue
import Linearizability
import Paxos

/// A log applied to the table in memory, as far as it has come.
struct LogReplay: Sendable {
    private var table = ReferenceTable()
    private(set) var upTo = Slot.none
    /// The table after each so many slots.
    private var snapshots = [ReferenceTable()]
    private static let snapshotInterval = 32
    /// The mutations that took effect, in their order: each sequence of a session once.
    private(set) var effective: [SessionCommand] = []
    /// By the mutation's name: where it took effect.
    private(set) var effects: [String: [Slot]] = [:]

    mutating func apply(_ entry: Entry) throws {
        upTo = upTo.next
        if let (command, hasTakenEffect) = try Self.apply(entry, at: upTo, to: &table), hasTakenEffect {
            effective.append(command)
            if let name = command.mutation.effectName { effects[name, default: []].append(upTo) }
        }
        if upTo.rawValue % UInt64(Self.snapshotInterval) == 0 { snapshots.append(table) }
    }

    /// The table after `slot`, which is not beyond `upTo`.
    func reference(through slot: Slot, _ entries: [Entry?]) throws -> ReferenceTable {
        if slot == upTo { return table }
        let place = Int(slot.rawValue) / Self.snapshotInterval
        var reference = snapshots[place]
        for index in place * Self.snapshotInterval..<Int(slot.rawValue) {
            if let entry = entries[index] { _ = try Self.apply(entry, at: Slot(UInt64(index + 1)), to: &reference) }
        }
        return reference
    }

    private static func apply(
        _ entry: Entry, at slot: Slot, to table: inout ReferenceTable
    ) throws -> (SessionCommand, hasTakenEffect: Bool)? {
        guard case .command(let bytes) = entry.content else { return nil }
        let command = try SessionCommand(bytes: bytes)
        let wasKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
        try table.apply(command, slot: slot.rawValue, stamp: entry.stamp.rawValue)
        let isKept = table.sessions.session(command.session)?.kept[command.sequence] != nil
        return (command, isKept && !wasKept)
    }
}

extension Mutation {
    /// What a client knows it by: its value, which is written once, or else what it does to which key.
    var effectName: String? {
        switch self {
        case .increment(let key, _): "increment of " + String(decoding: key, as: UTF8.self)
        case .delete(let keys) where keys.count == 1: "delete of " + String(decoding: keys[0], as: UTF8.self)
        default: tag
        }
    }
}

extension ClientCall {
    /// As `Mutation.effectName`; nil for a read.
    var effectName: String? {
        switch input {
        case .get: nil
        case .increment: "increment of " + key
        case .delete: "delete of " + key
        case .set, .setIfAbsent, .setIfEqual, .append: input.tag
        }
    }
}
