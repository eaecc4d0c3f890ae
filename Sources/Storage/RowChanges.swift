/// A row that stands in memory.
struct HeldRow: Sendable {
    let id: UInt64
    let value: [UInt8]
    let createdSlot: UInt64
    let modifiedSlot: UInt64
    let checksum: UInt64
}

/// What has become of one key.
struct RowChange: Sendable {
    /// Nil where there is no such key any more.
    let row: HeldRow?
    /// Of the key's row in the file, once everything before these changes is written there; nil where it has none.
    let writtenID: UInt64?
}

/// What has been applied to a table's rows from one slot to another: what the file lacks, and all that has to be written.
struct RowChanges: Sendable {
    private var byKey = KeyMap<RowChange>()
    /// Rows that were made, ascending by id; some may be gone again.
    private(set) var made: [MadeRow] = []
    /// Of the values that stand in memory: a short entry may change a long one.
    private(set) var valueBytes = 0

    struct MadeRow: Sendable {
        let id: UInt64
        let key: [UInt8]
    }

    subscript(_ key: HashedKey) -> RowChange? { byKey[key] }

    mutating func put(_ row: HeldRow, at key: HashedKey, writtenID: UInt64?, isNew: Bool) {
        let earlier = byKey.update(RowChange(row: row, writtenID: writtenID), for: key)
        valueBytes += row.value.count - (earlier?.row?.value.count ?? 0)
        if isNew { made.append(MadeRow(id: row.id, key: key.bytes)) }
    }

    mutating func remove(_ key: HashedKey, writtenID: UInt64?) {
        let earlier = byKey.update(RowChange(row: nil, writtenID: writtenID), for: key)
        valueBytes -= earlier?.row?.value.count ?? 0
    }

    /// Where in `made` the ids above `id` begin.
    func firstMade(above id: UInt64) -> Int {
        var low = 0
        var high = made.count
        while low < high {
            let middle = (low + high) / 2
            if made[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Ids of rows that go from the file, ascending.
    var removedIDs: [UInt64] {
        byKey.values.compactMap { $0.writtenID == $0.row?.id ? nil : $0.writtenID }.sorted()
    }

    /// Rows that come to the file, or change there, ascending by id: neighbours share pages.
    var standing: [(key: [UInt8], row: HeldRow, isInserted: Bool)] {
        var standing: [(key: [UInt8], row: HeldRow, isInserted: Bool)] = []
        standing.reserveCapacity(byKey.keys.count)
        for (key, change) in zip(byKey.keys, byKey.values) {
            if let row = change.row { standing.append((key, row, change.writtenID != row.id)) }
        }
        standing.sort { $0.row.id < $1.row.id }
        return standing
    }
}
