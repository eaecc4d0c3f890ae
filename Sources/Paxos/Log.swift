internal import DequeModule

/// The part of the log that is held in memory: every entry not yet applied, and a bounded tail of applied ones.
struct Log: Hashable, Sendable {
    /// The slot of the first place; places before it are on disk only.
    private(set) var start: Slot
    private var places: Deque<Entry?> = []
    private(set) var byteCount = 0

    init(start: Slot) { self.start = start }

    /// The last place that holds an entry or a gap below one; `start - 1` where the log is empty.
    var last: Slot { start.advanced(by: places.count - 1) }

    var count: Int { places.count }

    subscript(slot: Slot) -> Entry? {
        guard slot >= start, slot <= last else { return nil }
        return places[start.distance(to: slot)]
    }

    mutating func store(_ entry: Entry, at slot: Slot) {
        invariant(slot >= start, "an entry that was given up is not stored again")
        while last < slot { places.append(nil) }
        let index = start.distance(to: slot)
        byteCount += entry.byteCount - (places[index]?.byteCount ?? 0)
        places[index] = entry
    }

    /// Gives up the first place.
    mutating func dropFirst() {
        byteCount -= places.removeFirst()?.byteCount ?? 0
        start = start.next
    }

    /// Gives up every place before `slot`.
    mutating func drop(before slot: Slot) {
        while start < slot, !places.isEmpty { dropFirst() }
        start = max(start, slot)
    }

    /// The run of entries from `from` on, up to `through`, a gap, or the limit; the first one always fits.
    func entries(from: Slot, through: Slot, byteLimit: Int) -> [Entry] {
        var entries: [Entry] = []
        var bytes = 0
        var slot = from
        while slot <= through, let entry = self[slot] {
            bytes += entry.byteCount
            if !entries.isEmpty, bytes > byteLimit { break }
            entries.append(entry)
            slot = slot.next
        }
        return entries
    }
}
