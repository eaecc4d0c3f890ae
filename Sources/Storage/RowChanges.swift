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
    /// Only looked up in, or sorted: its order is not the same twice.
    private(set) var byKey: [[UInt8]: RowChange] = [:]
    /// Rows that were made, ascending by id; some may be gone again.
    private(set) var made: [MadeRow] = []
    /// Of the values that stand in memory: a short entry may change a long one.
    private(set) var valueBytes = 0

    struct MadeRow: Sendable {
        let id: UInt64
        let key: [UInt8]
    }

    subscript(_ key: [UInt8]) -> RowChange? { byKey[key] }

    var isEmpty: Bool { byKey.isEmpty }

    mutating func put(_ row: HeldRow, at key: [UInt8], writtenID: UInt64?, isNew: Bool) {
        let earlier = byKey.updateValue(RowChange(row: row, writtenID: writtenID), forKey: key)
        valueBytes += row.value.count - (earlier?.row?.value.count ?? 0)
        if isNew { made.append(MadeRow(id: row.id, key: key)) }
    }

    mutating func remove(_ key: [UInt8], writtenID: UInt64?) {
        let earlier = byKey.updateValue(RowChange(row: nil, writtenID: writtenID), forKey: key)
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
        standing.reserveCapacity(byKey.count)
        for (key, change) in byKey {
            if let row = change.row { standing.append((key, row, change.writtenID != row.id)) }
        }
        standing.sort { $0.row.id < $1.row.id }
        return standing
    }
}
