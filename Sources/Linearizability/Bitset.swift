/// A set of small integers, of a capacity given once; sets of one search have the same capacity.
/// The first 64 stand inline, so that the usual search allocates nothing for them.
struct Bitset: Hashable {
    private var low: UInt64 = 0
    private var high: [UInt64]

    init(capacity: Int) {
        high = capacity <= 64 ? [] : [UInt64](repeating: 0, count: (capacity - 1) / 64)
    }

    func contains(_ index: Int) -> Bool {
        let word = index < 64 ? low : high[index / 64 - 1]
        return word & (1 << UInt64(index % 64)) != 0
    }

    mutating func insert(_ index: Int) {
        let bit: UInt64 = 1 << UInt64(index % 64)
        if index < 64 { low |= bit } else { high[index / 64 - 1] |= bit }
    }

    mutating func remove(_ index: Int) {
        let bit: UInt64 = 1 << UInt64(index % 64)
        if index < 64 { low &= ~bit } else { high[index / 64 - 1] &= ~bit }
    }

    func isSubset(of other: Bitset) -> Bool {
        if low & ~other.low != 0 { return false }
        for index in high.indices where high[index] & ~other.high[index] != 0 { return false }
        return true
    }
}
