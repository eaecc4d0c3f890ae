import FaultVFS
import Paxos
import SQLite

/// A row of the log may go once the table holds its slot whatever happens: where a ledger has given up its rows to slot *s*, a loss
/// of power at that very moment would leave the table that the ledger then names, or a snapshot, at *s* or above. It is tried, on a copy
/// of the disk.
struct PowerLossCheck {
    /// As this check has last seen them.
    private(set) var compactedUpTo = Slot.none
    private var tableGeneration: UInt64 = 0

    /// A life begins without the table that it gave rows up for: that was damaged, and nothing is new of it.
    mutating func beginsWithoutTable(_ points: LedgerPoints) {
        compactedUpTo = points.compactedUpTo
        tableGeneration = points.tableGeneration
    }

    /// After a piece of work on the ledger; `random` is drawn from where something is new.
    mutating func problem(_ simulation: Simulation, _ ordinal: Int, _ disk: SimulatedDisk, vfs: String, random: () -> UInt64) throws
        -> String?
    {
        let ledger = try LedgerPoints(path: simulation.ledgerPath(ofShard: ordinal), vfs: vfs)
        guard ledger.compactedUpTo != compactedUpTo || ledger.tableGeneration != tableGeneration else { return nil }
        compactedUpTo = ledger.compactedUpTo
        tableGeneration = ledger.tableGeneration
        guard compactedUpTo > .none else { return nil }
        return try Self.problemWithoutPower(simulation, ordinal, disk, seed: random())
    }

    private static func problemWithoutPower(_ simulation: Simulation, _ ordinal: Int, _ disk: SimulatedDisk, seed: UInt64) throws -> String?
    {
        let copy = FaultVFS(name: "\(simulation.name)-copy", disk: disk.copyWithoutPower(seed: seed), seed: seed)
        try copy.register()
        defer { copy.unregister() }
        let found = try LedgerPoints(path: simulation.ledgerPath(ofShard: ordinal), vfs: copy.name)
        let path = simulation.tablePath(ofShard: ordinal, generation: found.tableGeneration)
        let loss = "durability: the log is given up to slot \(found.compactedUpTo), and a loss of power would leave \(path)"
        do {
            let table = try Self.appliedUpTo(path, copy)
            return table >= found.compactedUpTo ? nil : "\(loss) at slot \(table)"
        } catch {
            return "\(loss) unreadable: \(error)"
        }
    }

    /// A journal may have to be rolled back first.
    private static func appliedUpTo(_ path: String, _ vfs: FaultVFS) throws -> Slot {
        let table = try Connection(path: path, access: .readWrite, busyTimeout: 0, vfs: vfs.name)
        return Slot(UInt64(try table.integer("SELECT applied_up_to FROM state") ?? 0))
    }
}

/// How much of its log a ledger has given up, and which table it names.
struct LedgerPoints {
    let compactedUpTo: Slot
    let tableGeneration: UInt64

    init(path: String, vfs: String) throws {
        try self.init(Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: vfs))
    }

    init(_ ledger: borrowing Connection) throws(SQLiteError) {
        compactedUpTo = Slot(UInt64(try ledger.integer("SELECT compacted_up_to FROM acceptor") ?? 0))
        tableGeneration = UInt64(try ledger.integer("SELECT table_generation FROM acceptor") ?? 1)
    }
}
