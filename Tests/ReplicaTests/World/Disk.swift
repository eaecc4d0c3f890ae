import KeyValue
import Paxos
import Replica
import Simulator

/// What survives a process: the ledger as of its last sync, and the table as of its last checkpoint.
struct Disk {
    let incarnation: Incarnation
    private(set) var promise = Ballot.zero
    private(set) var rows: [UInt64: Entry] = [:]
    private(set) var lastRow = Slot.none
    private(set) var chosenUpTo = Slot.none
    private var membership = Membership(stage: .gathering, genesis: [])
    private var configurations: [ChosenConfiguration] = []
    /// Handed over, and not synced.
    var underWay: LedgerWrite?

    /// As the process sees it.
    var table = AppliedTable()
    /// As a crash leaves it.
    private var checkpoint = AppliedTable()

    init(incarnation: Incarnation) { self.incarnation = incarnation }

    mutating func sync() {
        guard let write = underWay else { return }
        underWay = nil
        promise = write.promise ?? promise
        for row in write.entries {
            rows[row.slot.rawValue] = row.entry
            lastRow = max(lastRow, row.slot)
        }
        chosenUpTo = write.chosenUpTo ?? chosenUpTo
        membership = write.membership ?? membership
        configurations += write.configurations
    }

    mutating func checkpointTable() { checkpoint = table }

    mutating func crash(_ chance: inout Chance) {
        if chance.isTrue(perMille: 500) { sync() }
        underWay = nil
        if chance.isTrue(perMille: 300) { checkpointTable() }
        table = checkpoint
    }

    /// Rolls the table forward from the ledger, as a real replica does when it is opened.
    mutating func recover(node: NodeID, boot: Boot) -> LedgerState {
        while table.appliedUpTo < chosenUpTo, let entry = rows[table.appliedUpTo.next.rawValue] {
            _ = table.apply(SlottedEntry(slot: table.appliedUpTo.next, entry: entry))
        }
        var entries: [SlottedEntry] = []
        var slot = chosenUpTo.next
        while slot <= lastRow {
            if let entry = rows[slot.rawValue] { entries.append(SlottedEntry(slot: slot, entry: entry)) }
            slot = slot.next
        }
        return LedgerState(
            identity: Party(node: node, incarnation: incarnation, boot: boot), promise: promise, chosenUpTo: chosenUpTo,
            membership: membership, configurations: configurations, entries: entries, compactedUpTo: .none,
            stampAtChosen: rows[chosenUpTo.rawValue]?.stamp ?? .zero)
    }
}

/// The reference table, and the slot that it stands at.
struct AppliedTable {
    private(set) var reference = ReferenceTable()
    private(set) var appliedUpTo = Slot.none

    mutating func apply(_ row: SlottedEntry) -> AppliedCommand? {
        precondition(row.slot == appliedUpTo.next, "entries are applied in slot order, without a gap")
        appliedUpTo = row.slot
        guard case .command(let bytes) = row.entry.content, let command = try? SessionCommand(bytes: bytes),
            let outcome = try? reference.apply(command, slot: row.slot.rawValue, stamp: row.entry.stamp.rawValue)
        else { return nil }
        return AppliedCommand(session: command.session, sequence: command.sequence, outcome: outcome)
    }
}
