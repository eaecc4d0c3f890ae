import Glibc

/// Numbers below `count`, of which few are drawn often: as YCSB draws them (Gray et al., "Quickly generating billion-record
/// synthetic databases", 1994), with its skew of 0.99.
struct Zipfian: Sendable {
    private static let skew = 0.99
    /// Spreads the popular numbers over the keys. A prime that divides no count of keys: another number for every rank.
    private static let spread = 2_305_843_009_213_693_951

    let count: Int
    private let alpha: Double
    private let eta: Double
    private let zeta: Double

    init(count: Int) {
        self.count = count
        var sum = 0.0
        for rank in 1...count { sum += pow(Double(rank), -Self.skew) }
        zeta = sum
        alpha = 1 / (1 - Self.skew)
        let zetaOfTwo = 1 + pow(2, -Self.skew)
        eta = (1 - pow(2 / Double(count), 1 - Self.skew)) / (1 - zetaOfTwo / sum)
    }

    func draw(_ chance: inout Chance) -> Int {
        let (high, low) = rank(chance.fraction()).multipliedFullWidth(by: Self.spread)
        return count.dividingFullWidth((high, low)).remainder
    }

    /// The most popular has rank 0.
    func rank(_ fraction: Double) -> Int {
        let share = fraction * zeta
        if share < 1 { return 0 }
        if share < 1 + pow(0.5, Self.skew) { return min(1, count - 1) }
        return min(count - 1, Int(Double(count) * pow(eta * fraction - eta + 1, alpha)))
    }
}
