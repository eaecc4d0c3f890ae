import Paxos
import SQLite

/// What may go from the log, and how much room the log takes.
struct LogCompaction {
    let stepSlots: ClosedRange<Int>
    /// The newest slot whose row was found not to be what was written.
    var damagedUpTo = Slot.none
    /// On the disk: without it rows go at once, and pages back as soon as nobody waits.
    var hasRoom = true
    /// No row is below.
    var firstSlot: Slot
    private(set) var durableUpTo = Slot.none
    private var wantedUpTo = Slot.none
    private let bytesMax: Int
    private var pageCount = 0
    private var freePageCount = 0

    /// The pages of a file that is empty again but for so many are not given back.
    private static let freePagesKept = 1024
    /// In one transaction.
    static let freePagesGivenBack = 128
    static let stepBytes = 1 << 20

    init(_ connection: borrowing Connection, _ limits: StorageLimits) throws(SQLiteError) {
        stepSlots = limits.compactionStepSlots
        bytesMax = limits.logBytesMax
        firstSlot = Slot(UInt64(bitPattern: try connection.integer("SELECT min(slot) FROM log") ?? 0))
        try measure(connection)
    }

    mutating func want(upTo slot: Slot, durableUpTo: Slot) {
        wantedUpTo = max(wantedUpTo, slot)
        self.durableUpTo = max(self.durableUpTo, durableUpTo)
    }

    mutating func measure(_ connection: borrowing Connection) throws(SQLiteError) {
        pageCount = Int(try connection.integer("PRAGMA page_count") ?? 0)
        freePageCount = Int(try connection.integer("PRAGMA freelist_count") ?? 0)
    }

    /// The log is all that grows in the file.
    var isTooLarge: Bool { (pageCount - freePageCount) * DatabaseKind.pageBytes > bytesMax }

    var hasFree: Bool { freePageCount > 0 }

    /// So much is free that it is given back to the file system; the rest is used again.
    var hasMuchFree: Bool { freePageCount > max(Self.freePagesKept, pageCount / 4) }

    /// Up to where rows may go, given what is chosen.
    func target(chosenUpTo: Slot) -> Slot {
        let durable = min(durableUpTo, chosenUpTo)
        return isTooLarge ? durable : min(max(wantedUpTo, damagedUpTo), durable)
    }
}

/// Rows that go in one transaction.
struct CompactionStep {
    let through: Slot
    /// Of the entry there.
    let stamp: Stamp
}

/// Rows go in small steps, along with the commits that come anyway: measured against segments and rows used again in ADR 9.
extension LedgerFile {
    /// The next rows to go; nil where fewer than `atLeast` slots are due. A commit that writes many rows takes as many along.
    borrowing func compactionStep(atLeast: Int, alongside entries: [SlottedEntry] = []) throws(SQLiteError) -> CompactionStep? {
        let end = max(compaction.target(chosenUpTo: acceptor.chosenUpTo), acceptor.compactedUpTo)
        let due = end.rawValue + 1 - min(compaction.firstSlot.rawValue, end.rawValue + 1)
        guard due >= UInt64(compaction.isTooLarge || !compaction.hasRoom ? 1 : atLeast), due > 0 else { return nil }
        let countMax = max(compaction.stepSlots.upperBound, 2 * entries.count)
        let bytesMax = LogCompaction.stepBytes + 2 * entries.reduce(0) { $0 + $1.entry.byteCount }
        let rows = try connection.prepare("SELECT slot, length(payload), stamp FROM log WHERE slot <= ?1 ORDER BY slot LIMIT ?2")
        try rows.bind(end.rawValue, at: 1)
        try rows.bind(Int64(countMax), at: 2)
        var bytes = 0
        var last: CompactionStep?
        while bytes < bytesMax, try rows.step() {
            bytes += Int(rows.integer(1))
            last = CompactionStep(through: Slot(rows.unsigned(0)), stamp: Stamp(rawValue: rows.unsigned(2)))
        }
        return last ?? CompactionStep(through: end, stamp: acceptor.compactedStamp)
    }

    /// Inside a transaction whose end writes `next`: a crash leaves the rows and the point before them, or neither.
    mutating func giveUp(_ step: CompactionStep, _ next: inout Acceptor) throws(SQLiteError) {
        try connection.execute("DELETE FROM log WHERE slot <= \(step.through.rawValue)")
        if step.through > next.compactedUpTo {
            next.compactedUpTo = step.through
            next.compactedStamp = max(step.stamp, next.compactedStamp)
        }
    }

    /// A small piece of what is to be done while nobody waits, in a transaction of its own. Whether there is more of it.
    mutating func tidy(isIdle: Bool) throws(SQLiteError) -> Bool {
        try compaction.measure(connection)
        if isIdle, let step = try compactionStep(atLeast: 1) {
            let transaction = try connection.begin()
            var next = acceptor
            try giveUp(step, &next)
            try finish(transaction, next)
            compaction.firstSlot = step.through.next
            return true
        }
        guard compaction.hasMuchFree || isIdle && !compaction.hasRoom && compaction.hasFree else { return false }
        try connection.execute("PRAGMA incremental_vacuum(\(LogCompaction.freePagesGivenBack))")
        return true
    }
}
