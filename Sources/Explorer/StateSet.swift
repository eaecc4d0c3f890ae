/// Every state of the whole that was reached, in the order of its discovery, each with the state that it was first reached from.
///
/// A state is one word that names it exactly (`WorldState`), so that nothing is ever taken for something else.
struct StateSet {
    private(set) var states: [WorldState] = []
    private var parents: [UInt32] = []
    /// The states again, each near the place that its bits are scattered to: most states come many times, and one look says so.
    private var table: [WorldState]

    init() { table = Array(repeating: .none, count: 1 << 16) }

    var count: Int { states.count }

    subscript(index: Int) -> WorldState { states[index] }

    /// False where the state is known.
    mutating func insert(_ state: WorldState, reachedFrom parent: Int) -> Bool {
        let mask = table.count - 1
        var place = state.scattered & mask
        while table[place] != .none {
            if table[place] == state { return false }
            place = (place + 1) & mask
        }
        table[place] = state
        states.append(state)
        parents.append(UInt32(parent))
        if states.count * 10 > table.count * 6 { grow() }
        return true
    }

    /// The states from the first one to this.
    func path(to index: Int) -> [Int] {
        var path = [index]
        while let last = path.last, last > 0 { path.append(Int(parents[last])) }
        return path.reversed()
    }

    private mutating func grow() {
        let count = table.count * 2
        table = []
        table = Array(repeating: .none, count: count)
        for state in states {
            var place = state.scattered & (count - 1)
            while table[place] != .none { place = (place + 1) & (count - 1) }
            table[place] = state
        }
    }
}

/// Three replicas' states by their numbers, and the time.
struct WorldState: Equatable {
    static let numberMax = 1 << 20
    /// No state: its time never comes.
    static let none = WorldState(word: .max)

    private var word: UInt64

    private init(word: UInt64) { self.word = word }

    init(_ numbers: (Int, Int, Int), time: Int) {
        word = UInt64(numbers.0) | UInt64(numbers.1) << 20 | UInt64(numbers.2) << 40 | UInt64(time) << 60
    }

    var time: Int { Int(word >> 60) }

    subscript(node: Int) -> Int {
        get { Int(word >> (20 * UInt64(node))) & (Self.numberMax - 1) }
        set {
            let shift = 20 * UInt64(node)
            word = word & ~(UInt64(Self.numberMax - 1) << shift) | UInt64(newValue) << shift
        }
    }

    func at(time: Int) -> WorldState {
        var state = self
        state.word = word & (1 << 60 - 1) | UInt64(time) << 60
        return state
    }

    var scattered: Int {
        var mixed = word
        mixed ^= mixed >> 31
        mixed = mixed &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        mixed = mixed &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: (mixed ^ mixed >> 32) & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
