import KeyValue
import SQLite

/// A table's rows as of everything applied: changes that stand in memory, over the rows of the file (ADR 11).
///
/// Beneath the changes since the last batch lies that batch itself. It is looked up whether it has been written meanwhile or not, so the
/// file's reader may see it or not; afterwards it serves as a cache, as long as it and those after it are no more than so many bytes.
struct OverlaidRows: Rows {
    /// What does not stand in the file.
    struct Memory: Sendable {
        fileprivate(set) var count: UInt64
        fileprivate(set) var largestID: UInt64
        /// The sum of all rows' checksums.
        fileprivate(set) var hash: UInt64
        fileprivate(set) var changes = RowChanges()
        /// Newest first; all but the newest are in the file.
        fileprivate var batches: [RowChanges] = []

        init(_ state: TableState) {
            count = state.keyCount
            largestID = state.largestID
            hash = state.rowsHash
        }
    }

    private(set) var memory: Memory
    private let stored: StoredRows

    /// The only kind of value so far.
    static let stringKind: Int64 = 0

    init(_ memory: Memory, over stored: StoredRows) {
        self.memory = memory
        self.stored = stored
    }

    func unmap() throws(SQLiteError) { try stored.unmap() }

    var count: UInt64 { memory.count }
    var largestID: UInt64 { memory.largestID }

    /// What has changed since the last batch, which has been written, or is dropped with the table.
    mutating func takeBatch(cachedBytesMax: Int) -> RowChanges {
        let batch = memory.changes
        memory.changes = RowChanges()
        memory.batches.insert(batch, at: 0)
        var byteCount = 0
        let kept = memory.batches.prefix {
            byteCount += $0.valueBytes
            return byteCount <= cachedBytesMax
        }
        memory.batches = Array(memory.batches.prefix(min(max(kept.count, 1), Self.batchesMax)))
        return batch
    }

    /// Each is looked up in.
    private static let batchesMax = 4

    private func change(of key: [UInt8]) -> RowChange? {
        let key = HashedKey(key)
        return memory.changes[key] ?? batched(key)
    }

    private func batched(_ key: HashedKey) -> RowChange? {
        for batch in memory.batches { if let change = batch[key] { return change } }
        return nil
    }

    /// Between the two the file is read with its locks taken once, and as it was at the first of these reads.
    func beginReading() throws(SQLiteError) { try stored.beginReading() }

    func endReading() throws(SQLiteError) { try stored.endReading() }

    func value(of key: [UInt8]) throws -> [UInt8]? {
        if let change = change(of: key) { return change.row?.value }
        return try stored.value(of: key)
    }

    func length(of key: [UInt8]) throws -> Int? {
        if let change = change(of: key) { return change.row?.value.count }
        return try stored.length(of: key)
    }

    /// Looks for the row first, since its checksum goes out of the hash.
    mutating func put(_ key: [UInt8], _ value: [UInt8], slot: UInt64) throws {
        let hashed = HashedKey(key)
        let (found, writtenID) = try standing(hashed)
        let id = found?.id ?? memory.largestID + 1
        let createdSlot = found?.createdSlot ?? slot
        let checksum = RowChecksum.of(
            id: id, key: key, value: value, kind: Self.stringKind, createdSlot: createdSlot, modifiedSlot: slot)
        let row = HeldRow(id: id, value: value, createdSlot: createdSlot, modifiedSlot: slot, checksum: checksum)
        memory.changes.put(row, at: hashed, writtenID: writtenID, isNew: found == nil)
        memory.hash = memory.hash &- (found?.checksum ?? 0) &+ checksum
        if found == nil {
            memory.largestID = id
            // Wraps: a number that a disk has changed ends nothing here.
            memory.count &+= 1
        }
    }

    mutating func remove(_ key: [UInt8]) throws -> Bool {
        let key = HashedKey(key)
        let (found, writtenID) = try standing(key)
        guard let found else { return false }
        memory.changes.remove(key, writtenID: writtenID)
        memory.hash &-= found.checksum
        memory.count &-= 1
        return true
    }

    /// The key's row, and where the file will have one when the changes are written.
    private func standing(_ key: HashedKey) throws(SQLiteError) -> (row: StoredRow?, writtenID: UInt64?) {
        if let change = memory.changes[key] { return (change.row.map(StoredRow.init), change.writtenID) }
        if let change = batched(key) { return (change.row.map(StoredRow.init), change.row?.id) }
        let row = try stored.row(of: key.bytes)
        return (row, row?.id)
    }

    /// The file's keys and those that were made since, merged by id. What stands in several places is given once.
    func keys(after id: UInt64, limit: Int) throws -> [(id: UInt64, key: [UInt8])] {
        var found: [(id: UInt64, key: [UInt8])] = []
        var position = id
        while found.count < limit {
            let page = try stored.keys(after: position, limit: limit)
            // Behind the end of a full page the file may have more, which come first.
            let end = page.count < limit ? UInt64.max : page[page.count - 1].id
            let layers = [memory.changes] + memory.batches
            var places = [0] + layers.map { $0.firstMade(above: position) }
            while found.count < limit, let next = Self.next(page, layers, &places), next.id <= end {
                if next.id > position, isStanding(next) { found.append(next) }
                position = max(position, next.id)
            }
            if end == .max { break }
            position = end
        }
        return found
    }

    /// The candidate with the lowest id, taken from its source.
    private static func next(
        _ page: [(id: UInt64, key: [UInt8])], _ layers: [RowChanges], _ places: inout [Int]
    ) -> (id: UInt64, key: [UInt8])? {
        var lowest: (source: Int, id: UInt64, key: [UInt8])?
        if places[0] < page.count { lowest = (0, page[places[0]].id, page[places[0]].key) }
        for (index, layer) in layers.enumerated() where places[index + 1] < layer.made.count {
            let made = layer.made[places[index + 1]]
            if made.id < lowest?.id ?? .max { lowest = (index + 1, made.id, made.key) }
        }
        guard let lowest else { return nil }
        places[lowest.source] += 1
        return (lowest.id, lowest.key)
    }

    private func isStanding(_ row: (id: UInt64, key: [UInt8])) -> Bool {
        guard let change = change(of: row.key) else { return true }
        return change.row?.id == row.id
    }
}

extension StoredRow {
    fileprivate init(_ row: HeldRow) { self.init(id: row.id, createdSlot: row.createdSlot, checksum: row.checksum) }
}
