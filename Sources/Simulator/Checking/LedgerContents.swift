import Paxos
import SQLite

/// What stands in a replica's ledger, read with a connection of its own, as a person with a shell would.
struct LedgerContents {
    let chosenUpTo: Slot
    let compactedUpTo: Slot
    let tableGeneration: UInt64
    /// Ascending; of the rows whose content can be made out.
    let log: [SlottedEntry]

    init(path: String, vfs: String) throws {
        let ledger = try Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: vfs)
        try ledger.execute("BEGIN")
        chosenUpTo = Slot(UInt64(try ledger.integer("SELECT chosen_up_to FROM acceptor") ?? 0))
        compactedUpTo = Slot(UInt64(try ledger.integer("SELECT compacted_up_to FROM acceptor") ?? 0))
        tableGeneration = UInt64(try ledger.integer("SELECT table_generation FROM acceptor") ?? 1)
        log = try Self.log(ledger)
    }

    private static func log(_ ledger: borrowing Connection) throws -> [SlottedEntry] {
        let statement = try ledger.prepare("SELECT slot, ballot_round, ballot_node, stamp, kind, payload FROM log ORDER BY slot")
        var log: [SlottedEntry] = []
        while try statement.step() {
            guard let content = Entry.Content(kind: UInt8(statement.unsigned(4)), payload: statement.bytes(5)) else { continue }
            let ballot = Ballot(round: statement.unsigned(1), node: NodeID(rawValue: UInt16(statement.unsigned(2))))
            log.append(
                SlottedEntry(
                    slot: Slot(statement.unsigned(0)),
                    entry: Entry(ballot: ballot, stamp: Stamp(rawValue: statement.unsigned(3)), content: content)))
        }
        return log
    }

    /// Every slot that is known to be chosen has its row, and the row what every other replica applies there.
    func problems(_ chosen: inout ChosenLog, of node: NodeID) -> [String] {
        var expected = compactedUpTo.next
        for row in log where row.slot >= expected && row.slot <= chosenUpTo {
            if row.slot != expected { break }
            if let problem = chosen.note(row, appliedBy: node) { return [problem] }
            expected = expected.next
        }
        return expected <= chosenUpTo ? ["durability: chosen up to \(chosenUpTo), and the log has no row at slot \(expected)"] : []
    }
}
