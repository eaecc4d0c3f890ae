import Paxos
import SQLite

/// What stands in a replica's ledger, read with a connection of its own, as a person with a shell would.
struct LedgerContents {
    let chosenUpTo: Slot
    let compactedUpTo: Slot
    let tableGeneration: UInt64
    /// Ascending; of the rows that are as they were written.
    let log: [SlottedEntry]
    /// Segments that have a position, and free positions in which rows lie.
    let usedPositions: Int
    let lyingPositions: Int

    init(path: String, vfs: String) throws {
        let ledger = try Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: vfs)
        try ledger.execute("BEGIN")
        chosenUpTo = Slot(UInt64(try ledger.integer("SELECT chosen_up_to FROM acceptor") ?? 0))
        compactedUpTo = Slot(UInt64(try ledger.integer("SELECT compacted_up_to FROM acceptor") ?? 0))
        tableGeneration = UInt64(try ledger.integer("SELECT table_generation FROM acceptor") ?? 1)
        log = try Self.log(ledger)
        usedPositions = Int(try ledger.integer("SELECT count(*) FROM log_segments") ?? 0)
        let lying = """
            SELECT count(DISTINCT place / segment_slots) FROM log_rows, log_places
            WHERE place / segment_slots NOT IN (SELECT position FROM log_segments)
            """
        lyingPositions = Int(try ledger.integer(lying) ?? 0)
    }

    private static func log(_ ledger: borrowing Connection) throws -> [SlottedEntry] {
        let statement = try ledger.prepare("SELECT slot, ballot_round, ballot_node, stamp, kind, payload, checksum FROM log ORDER BY slot")
        var log: [SlottedEntry] = []
        while try statement.step() {
            guard let content = Entry.Content(kind: UInt8(statement.unsigned(4)), payload: statement.bytes(5)) else { continue }
            let ballot = Ballot(round: statement.unsigned(1), node: NodeID(rawValue: UInt16(statement.unsigned(2))))
            let slot = Slot(statement.unsigned(0))
            let entry = Entry(ballot: ballot, stamp: Stamp(rawValue: statement.unsigned(3)), content: content)
            if entry.checksum(at: slot) == statement.unsigned(6) { log.append(SlottedEntry(slot: slot, entry: entry)) }
        }
        return log
    }

    /// What lies about is written over, or deleted, once all is well.
    var lyingProblem: String? {
        lyingPositions > max(8, 2 * usedPositions)
            ? "bounds: rows lie in \(lyingPositions) free positions of the log, and \(usedPositions) are used" : nil
    }

    /// Every slot that is known to be chosen has its row, and the row what every other replica applies there.
    func problems(_ chosen: inout ChosenLog, of node: NodeID, mayHaveGaps: Bool) -> [String] {
        var expected = compactedUpTo.next
        for row in log where row.slot >= expected && row.slot <= chosenUpTo {
            if row.slot != expected, !mayHaveGaps { break }
            if let problem = chosen.note(row, appliedBy: node) { return [problem] }
            expected = row.slot.next
        }
        return expected <= chosenUpTo && !mayHaveGaps
            ? ["durability: chosen up to \(chosenUpTo), and the log has no row at slot \(expected)"] : []
    }
}
