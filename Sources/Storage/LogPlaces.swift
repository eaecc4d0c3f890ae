import Paxos
import SQLite

/// Where the log's rows lie: the ledger's `log_places` and `log_segments`.
///
/// A segment is so many slots in a row, whose rows lie side by side at the segment's position. One that is given up whole loses its
/// position, and the next new one takes it: its rows are written over those that lie there, in pages that neither come nor go.
struct LogPlaces: Hashable, Sendable {
    struct Segment: Hashable, Sendable {
        let number: Int64
        let position: Int64
    }

    /// Of a segment; stays for as long as the file exists.
    let slots: Int64
    /// Ascending by number.
    private(set) var segments: [Segment] = []
    /// Free positions in which rows lie that nobody needs.
    private(set) var lying: Set<Int64> = []
    /// Of the first segment, which may be given up in part, the rows up to here have been deleted.
    private(set) var deletedUpTo = Slot.none

    static let slotsMax: Int64 = 1 << 20
    /// So many free positions may have rows in any case; else twice as many as are used. With each batch that its table has made durable a busy
    /// log gives up about as many as it keeps, and needs them again before the next.
    static let lyingKept = 8
    /// Of a segment or position; more is never reached.
    private static let numberMax: Int64 = 1 << 40

    init(slots: Int) {
        invariant(slots > 0 && slots <= Self.slotsMax, "a segment has a sound number of slots")
        self.slots = Int64(slots)
    }

    /// Nil where they are not what was written.
    private init?(slots: Int64, segments: [Segment]) {
        guard slots > 0, slots <= Self.slotsMax else { return nil }
        let bounds = 0..<Self.numberMax
        guard segments.allSatisfy({ bounds.contains($0.number) && bounds.contains($0.position) }),
            Set(segments.map(\.position)).count == segments.count
        else { return nil }
        self.slots = slots
        self.segments = segments
    }

    // MARK: Slots and places

    func number(of slot: Slot) -> Int64 { Int64(clamping: slot.rawValue) / slots }

    func firstSlot(of segment: Segment) -> Slot { Slot(UInt64(segment.number * slots)) }

    func lastSlot(of segment: Segment) -> Slot { Slot(UInt64(segment.number * slots + slots - 1)) }

    func places(of segment: Segment) -> Range<Int64> { places(at: segment.position) }

    func places(at position: Int64) -> Range<Int64> { position * slots..<position * slots + slots }

    func place(of slot: Slot, in segment: Segment) -> Int64 { segment.position * slots + Int64(clamping: slot.rawValue) % slots }

    /// Nil where no row of the slot's segment was ever written, or all are given up.
    func place(of slot: Slot) -> Int64? {
        let index = index(of: number(of: slot))
        guard index < segments.endIndex, segments[index].number == number(of: slot) else { return nil }
        return place(of: slot, in: segments[index])
    }

    /// The segments from that of `slot` on.
    func segments(from slot: Slot) -> ArraySlice<Segment> { segments[index(of: number(of: slot))...] }

    /// Of the first segment with this number or a higher one.
    private func index(of number: Int64) -> Int {
        // Almost always the newest.
        guard let last = segments.last, last.number >= number else { return segments.endIndex }
        if last.number == number { return segments.endIndex - 1 }
        var (low, high) = (segments.startIndex, segments.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Changes

    /// The slot's place; its segment gets the lowest free position if it has none yet.
    mutating func take(_ slot: Slot) -> Int64 {
        let number = number(of: slot)
        let index = index(of: number)
        if index < segments.endIndex, segments[index].number == number { return place(of: slot, in: segments[index]) }
        let used = segments.map(\.position).sorted()
        let position = used.enumerated().first { $0.offset != Int($0.element) }.map { Int64($0.offset) } ?? Int64(used.count)
        lying.remove(position)
        segments.insert(Segment(number: number, position: position), at: index)
        return place(of: slot, in: segments[index])
    }

    /// Segments without a slot above lose their positions. Their rows stay lying.
    mutating func giveUp(through slot: Slot) {
        while let first = segments.first, lastSlot(of: first) <= slot {
            segments.removeFirst()
            lying.insert(first.position)
        }
    }

    /// What lies in a free position, or in the first segment up to where it is given up, and was not deleted yet.
    func hasDead(compactedUpTo: Slot) -> Bool { !lying.isEmpty || deadInFirst(compactedUpTo) != nil }

    /// More lies about than a log that grows again would soon need.
    var hasMuchLying: Bool { lying.count > max(Self.lyingKept, 2 * segments.count) }

    /// The next places whose rows nobody needs: the highest, since the lowest are used first.
    func dead(compactedUpTo: Slot) -> Range<Int64>? {
        lying.max().map(places) ?? deadInFirst(compactedUpTo)
    }

    private func deadInFirst(_ compactedUpTo: Slot) -> Range<Int64>? {
        guard let first = segments.first, firstSlot(of: first) <= compactedUpTo, deletedUpTo < compactedUpTo else { return nil }
        return first.position * slots..<place(of: compactedUpTo, in: first) + 1
    }

    /// `places` are what `dead` gave, and have no row any more.
    mutating func deleted(_ places: Range<Int64>, compactedUpTo: Slot) {
        if lying.remove(places.lowerBound / slots) == nil { deletedUpTo = compactedUpTo }
    }

    // MARK: The file

    /// Throws where they are not what this program wrote: a row that was accepted must not go unnoticed because its place is not known.
    static func read(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> LogPlaces {
        guard let places = try stored(path, { () throws(SQLiteError) in try checked(connection) }) else {
            throw StorageError(.damaged, "\(path): \(damage); \(StorageError.mustNotVote(path))")
        }
        return places
    }

    static let damage = "what says where the log's rows lie is not what this program wrote"

    /// Nil where they are not what was written.
    static func checked(_ connection: borrowing Connection) throws(SQLiteError) -> LogPlaces? {
        guard let found = try row(connection), let places = found.places, places.checksum == found.checksum else { return nil }
        return places
    }

    private static func row(_ connection: borrowing Connection) throws(SQLiteError) -> (places: LogPlaces?, checksum: UInt64)? {
        let row = try connection.prepare("SELECT segment_slots, checksum FROM log_places")
        guard try row.step() else { return nil }
        let rows = try connection.prepare("SELECT number, position FROM log_segments ORDER BY number")
        var segments: [Segment] = []
        while try rows.step() { segments.append(Segment(number: rows.integer(0), position: rows.integer(1))) }
        return (LogPlaces(slots: row.integer(0), segments: segments), row.unsigned(1))
    }

    /// Part of the disk format: never changed.
    private var checksum: UInt64 {
        segments.reduce(Checksum.combine(UInt64(slots), UInt64(segments.count))) { state, segment in
            Checksum.combine(Checksum.combine(state, UInt64(segment.number)), UInt64(segment.position))
        }
    }

    /// Inside a transaction. `old` is what the file says.
    func write(over old: LogPlaces, _ connection: borrowing Connection) throws(SQLiteError) {
        let kept = Set(old.segments).intersection(segments)
        for segment in old.segments where !kept.contains(segment) {
            try connection.execute("DELETE FROM log_segments WHERE number = \(segment.number)")
        }
        for segment in segments where !kept.contains(segment) {
            try connection.execute("INSERT INTO log_segments (number, position) VALUES (\(segment.number), \(segment.position))")
        }
        let row = try connection.prepare("INSERT OR REPLACE INTO log_places (id, segment_slots, checksum) VALUES (1, ?1, ?2)")
        try row.bind(slots, at: 1)
        try row.bind(checksum, at: 2)
        try row.run()
    }

    /// For a ledger whose rows have just been given their places. What can't be right gets no checksum, and is refused when it is opened.
    static func fill(_ connection: borrowing Connection) throws(SQLiteError) {
        guard let places = try row(connection)?.places else { return }
        try places.write(over: places, connection)
    }

    /// Looks for rows in free positions.
    mutating func findLying(_ connection: borrowing Connection) throws(SQLiteError) {
        let used = Set(segments.map(\.position))
        let next = try connection.prepare("SELECT min(place) FROM log_rows WHERE place >= ?1")
        var from: Int64 = 0
        while from >= 0 {
            try next.bind(from, at: 1)
            guard try next.step(), !next.isNull(0) else { return }
            let position = next.integer(0) / slots
            next.reset()
            guard position < Self.numberMax else { return }
            if !used.contains(position) { lying.insert(position) }
            from = (position + 1) * slots
        }
    }
}
