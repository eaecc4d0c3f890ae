import KeyValue
import Paxos
import SQLite

/// What stands in a replica's two files, read with a connection of its own, as a person with a shell would.
struct ReplicaFiles {
    struct Row: Hashable {
        let id: UInt64
        let key: [UInt8]
        let value: [UInt8]
        let createdSlot: UInt64
        let modifiedSlot: UInt64
    }

    let rows: [Row]
    let sessions: Sessions
    let appliedUpTo: Slot
    let keyCount: UInt64
    let largestID: UInt64
    let chosenUpTo: Slot
    /// Ascending; of the rows whose content can be made out.
    let log: [SlottedEntry]

    init(directory: String, vfs: String) throws {
        let ledger = try Connection(path: directory + "/ledger.sqlite", access: .readOnly, busyTimeout: 0, vfs: vfs)
        chosenUpTo = Slot(UInt64(try ledger.integer("SELECT chosen_up_to FROM acceptor") ?? 0))
        let generation = String(try ledger.integer("SELECT table_generation FROM acceptor") ?? 1)
        log = try Self.log(ledger)
        let name = "/table-" + String(repeating: "0", count: 6 - generation.count) + generation + ".sqlite"
        let table = try Connection(path: directory + name, access: .readOnly, busyTimeout: 0, vfs: vfs)
        try table.execute("BEGIN")
        appliedUpTo = Slot(UInt64(try table.integer("SELECT applied_up_to FROM state") ?? 0))
        keyCount = UInt64(try table.integer("SELECT key_count FROM state") ?? 0)
        largestID = UInt64(try table.integer("SELECT largest_id FROM state") ?? 0)
        rows = try Self.rows(table)
        sessions = try Self.sessions(table)
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

    private static func rows(_ table: borrowing Connection) throws -> [Row] {
        let statement = try table.prepare("SELECT id, key, value, created_slot, modified_slot FROM key_values ORDER BY id")
        var rows: [Row] = []
        while try statement.step() {
            rows.append(
                Row(
                    id: statement.unsigned(0), key: statement.bytes(1), value: statement.bytes(2), createdSlot: statement.unsigned(3),
                    modifiedSlot: statement.unsigned(4)))
        }
        return rows
    }

    private static func sessions(_ table: borrowing Connection) throws -> Sessions {
        let statement = try table.prepare("SELECT session, time_to_live, last_stamp, answered_below, results FROM sessions")
        var records: [SessionRecord] = []
        while try statement.step() {
            records.append(
                SessionRecord(
                    id: SessionID(rawValue: statement.unsigned(0)), timeToLive: statement.unsigned(1), lastStamp: statement.unsigned(2),
                    answeredBelow: statement.unsigned(3), results: statement.bytes(4)))
        }
        return try Sessions(records: records)
    }
}

extension ReplicaFiles.Row {
    /// What the row ought to be.
    init(_ row: MemoryRows.Row) {
        self.init(id: row.id, key: row.key, value: row.value, createdSlot: row.createdSlot, modifiedSlot: row.modifiedSlot)
    }
}
