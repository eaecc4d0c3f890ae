/// The reference table: rows in memory. What SQLite does is checked against it.
package struct MemoryRows: Rows, Sendable {
    package struct Row: Hashable, Sendable {
        package let id: UInt64
        package let key: [UInt8]
        package var value: [UInt8]
        package let createdSlot: UInt64
        package var modifiedSlot: UInt64
    }

    /// Ascending by id.
    package private(set) var rows: [Row] = []
    package private(set) var largestID: UInt64 = 0
    /// Only looked up in, never gone through: its order is not the same twice.
    private var ids: [[UInt8]: UInt64] = [:]

    package init() {}

    package var count: UInt64 { UInt64(rows.count) }

    package func row(of key: [UInt8]) -> Row? { place(of: key).map { rows[$0] } }

    package func value(of key: [UInt8]) -> [UInt8]? { row(of: key)?.value }

    package func length(of key: [UInt8]) -> Int? { place(of: key).map { rows[$0].value.count } }

    package mutating func put(_ key: [UInt8], _ value: [UInt8], slot: UInt64) {
        if let place = place(of: key) {
            rows[place].value = value
            rows[place].modifiedSlot = slot
            return
        }
        largestID += 1
        ids[key] = largestID
        rows.append(Row(id: largestID, key: key, value: value, createdSlot: slot, modifiedSlot: slot))
    }

    package mutating func remove(_ key: [UInt8]) -> Bool {
        guard let place = place(of: key) else { return false }
        ids[key] = nil
        rows.remove(at: place)
        return true
    }

    package func keys(after id: UInt64, limit: Int) -> [(id: UInt64, key: [UInt8])] {
        guard id < largestID else { return [] }
        return rows[firstPlace(notBelow: id + 1)...].prefix(max(limit, 0)).map { ($0.id, $0.key) }
    }

    private func place(of key: [UInt8]) -> Int? { ids[key].map(firstPlace(notBelow:)) }

    private func firstPlace(notBelow id: UInt64) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension MemoryRows: Hashable {
    package static func == (left: MemoryRows, right: MemoryRows) -> Bool {
        left.largestID == right.largestID && left.rows == right.rows
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(largestID)
        hasher.combine(rows)
    }
}
