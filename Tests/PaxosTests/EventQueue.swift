/// What happens next in virtual time: a binary heap, ordered by time and then by the order of entry.
struct EventQueue<Event> {
    private struct Item {
        let time: Int64
        let order: UInt64
        let event: Event

        func isBefore(_ other: Item) -> Bool { time != other.time ? time < other.time : order < other.order }
    }

    private var items: [Item] = []
    private var count: UInt64 = 0

    mutating func push(_ event: Event, at time: Int64) {
        count += 1
        items.append(Item(time: time, order: count, event: event))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].isBefore(items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> (time: Int64, event: Event)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child].isBefore(items[smallest]) {
                smallest = child
            }
            if smallest == parent { return }
            items.swapAt(smallest, parent)
            parent = smallest
        }
    }
}
