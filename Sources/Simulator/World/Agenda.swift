package import Paxos

/// Virtual time: what is to happen, in order of time, and in the order of asking where the time is the same.
package struct Agenda {
    package private(set) var now = Instant.zero
    private var heap: [Item] = []
    private var asked: UInt64 = 0

    package init() {}

    private struct Item {
        let at: Instant
        let order: UInt64
        let body: () -> Void

        func isBefore(_ other: Item) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    package mutating func add(at instant: Instant, _ body: @escaping () -> Void) {
        asked += 1
        heap.append(Item(at: max(now, instant), order: asked, body: body))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next thing at or before `end`; time moves there. Without one, time moves to `end`.
    package mutating func next(until end: Instant) -> (() -> Void)? {
        guard let first = heap.first, first.at <= end else {
            now = max(now, end)
            return nil
        }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        now = first.at
        return first.body
    }

    /// Everything that was to happen won't.
    package mutating func removeAll() { heap = [] }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
