import Paxos
import SQLite

/// What may go from the log, and how much room the log takes.
struct LogCompaction {
    let stepSlots: ClosedRange<Int>
    /// The newest slot whose row was found not to be what was written.
    var damagedUpTo = Slot.none
    /// On the disk: without it rows are deleted at once, and pages given back as soon as nobody waits.
    var hasRoom = true
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

    /// The log is all that grows in the file; what lies there to be written over counts as well.
    var isTooLarge: Bool { (pageCount - freePageCount) * DatabaseKind.pageBytes > bytesMax }

    /// Rows that nobody needs are deleted, where they would be left lying otherwise.
    var isPressed: Bool { isTooLarge || !hasRoom }

    var hasFree: Bool { freePageCount > 0 }

    /// So much is free that it is given back to the file system; the rest is used again.
    var hasMuchFree: Bool { freePageCount > max(Self.freePagesKept, pageCount / 4) }

    /// Up to where rows may go, given what is chosen. A log that is too large gives up more than is wanted, once nothing that has been
    /// given up lies about any more.
    func target(chosenUpTo: Slot, hasDead: Bool) -> Slot {
        let durable = min(durableUpTo, chosenUpTo)
        return isTooLarge && !hasDead ? durable : min(max(wantedUpTo, damagedUpTo), durable)
    }
}

/// Rows that are given up in one transaction.
struct CompactionStep {
    let through: Slot
    /// Of the entry there.
    let stamp: Stamp
}

extension Acceptor {
    mutating func giveUp(_ step: CompactionStep) {
        guard step.through > compactedUpTo else { return }
        compactedUpTo = step.through
        compactedStamp = max(step.stamp, compactedStamp)
    }
}

/// Rows are given up along with the commits that come anyway, and written over later; only where there is too little room, or far too
/// much lies about, are they deleted, in small steps (ADR 12).
extension LedgerFile {
    /// What is to be given up next; nil where fewer than `atLeast` slots are due.
    borrowing func compactionStep(atLeast: Int, alongside entries: [SlottedEntry] = []) throws(SQLiteError) -> CompactionStep? {
        let end = compaction.target(
            chosenUpTo: acceptor.chosenUpTo, hasDead: places.hasDead(compactedUpTo: acceptor.compactedUpTo))
        guard end > acceptor.compactedUpTo,
            acceptor.compactedUpTo.distance(to: end) >= (compaction.isPressed ? 1 : atLeast)
        else { return nil }
        // More than is wanted goes only as far as it has to.
        return try step(through: compaction.isTooLarge ? min(end, endOfSmallStep(alongside: entries)) : end)
    }

    borrowing func step(through slot: Slot) throws(SQLiteError) -> CompactionStep {
        // A damaged row's stamp may be anything; that of the row before it is not much older.
        let stamps = [try stamp(of: slot), try stamp(of: Slot(slot.rawValue - 1))].compactMap { $0 }
        return CompactionStep(through: slot, stamp: stamps.max() ?? .zero)
    }

    /// Nil where the slot has no sound row.
    private borrowing func stamp(of slot: Slot) throws(SQLiteError) -> Stamp? {
        guard slot > acceptor.compactedUpTo, let place = places.place(of: slot) else { return nil }
        defer { readRows.reset() }
        try readRows.bind(place, at: 1)
        guard try readRows.step(), let row = LogRow.entry(readRows), row.slot == slot else { return nil }
        return row.entry.stamp
    }

    /// A commit that writes many rows takes as many along.
    private borrowing func endOfSmallStep(alongside entries: [SlottedEntry]) throws(SQLiteError) -> Slot {
        let first = acceptor.compactedUpTo.next
        guard let segment = places.segments(from: first).first else { return first }
        let start = max(first, places.firstSlot(of: segment))
        let last = try endOfSmallStep(places.place(of: start, in: segment)..<places.places(of: segment).upperBound, alongside: entries)
        return start.advanced(by: Int(last - places.place(of: start, in: segment)))
    }

    /// The last place of a few rows from the first of `range` on; that of `range` where there are no more.
    private borrowing func endOfSmallStep(_ range: Range<Int64>, alongside entries: [SlottedEntry]) throws(SQLiteError) -> Int64 {
        let countMax = max(compaction.stepSlots.upperBound, 2 * entries.count)
        let bytesMax = LogCompaction.stepBytes + 2 * entries.reduce(0) { $0 + $1.entry.byteCount }
        let rows = try connection.prepare("SELECT place, length(payload) FROM log_rows WHERE place >= ?1 AND place < ?2 ORDER BY place")
        try rows.bind(range.lowerBound, at: 1)
        try rows.bind(range.upperBound, at: 2)
        var (count, bytes) = (0, 0)
        while try rows.step() {
            count += 1
            bytes += Int(rows.integer(1))
            if count >= countMax || bytes >= bytesMax { return rows.integer(0) }
        }
        return range.upperBound - 1
    }

    /// Inside a transaction whose end writes `next` and `places`: a few rows that nobody needs any more go.
    borrowing func deleteDead(
        _ places: inout LogPlaces, _ next: Acceptor, alongside entries: [SlottedEntry] = []
    ) throws(SQLiteError) {
        guard let dead = places.dead(compactedUpTo: next.compactedUpTo) else { return }
        let last = try endOfSmallStep(dead, alongside: entries)
        try connection.execute("DELETE FROM log_rows WHERE place BETWEEN \(dead.lowerBound) AND \(last)")
        if last + 1 == dead.upperBound { places.deleted(dead, compactedUpTo: next.compactedUpTo) }
    }

    /// A small piece of what is to be done while nobody waits, in a transaction of its own. Whether there is more of it.
    mutating func tidy(isIdle: Bool) throws(SQLiteError) -> Bool {
        try compaction.measure(connection)
        let step = isIdle ? try compactionStep(atLeast: 1) : nil
        let deletes = (compaction.isPressed ? isIdle : places.hasMuchLying) && places.hasDead(compactedUpTo: acceptor.compactedUpTo)
        if step != nil || deletes {
            let transaction = try connection.begin()
            var next = acceptor
            if let step { next.giveUp(step) }
            var places = places
            places.giveUp(through: next.compactedUpTo)
            if deletes { try deleteDead(&places, next) }
            try finish(transaction, next, places)
            return true
        }
        guard compaction.hasMuchFree || isIdle && !compaction.hasRoom && compaction.hasFree else { return false }
        try connection.execute("PRAGMA incremental_vacuum(\(LogCompaction.freePagesGivenBack))")
        return true
    }
}
