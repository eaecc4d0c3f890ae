internal import DequeModule

/// What is waiting for an answer, by a number that counts up; the lowest unanswered number is known at once.
struct PendingRing<Element> {
    /// Every number below has been answered.
    private(set) var base: UInt64
    private var places: Deque<Element?> = []

    init(base: UInt64 = 1) { self.base = base }

    var next: UInt64 { base + UInt64(places.count) }
    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    mutating func append(_ element: Element) -> UInt64 {
        let number = next
        places.append(element)
        return number
    }

    subscript(number: UInt64) -> Element? {
        get { number >= base && number < next ? places[Int(number - base)] : nil }
        set {
            guard number >= base, number < next else { return }
            places[Int(number - base)] = newValue
        }
    }

    mutating func remove(_ number: UInt64) -> Element? {
        guard let element = self[number] else { return nil }
        self[number] = nil
        while let first = places.first, first == nil {
            places.removeFirst()
            base += 1
        }
        return element
    }

    /// The numbers that wait, ascending.
    var numbers: [UInt64] { places.indices.compactMap { places[$0] == nil ? nil : base + UInt64($0) } }
}
