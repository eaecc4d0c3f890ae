/// What each key of a checked load may hold: at least what was acknowledged last, at most what was attempted last.
///
/// A key whose write had no definite answer is given up for a new one: either outcome stays right.
package struct CheckedKeys: Sendable {
    package struct Bounds: Hashable, Sendable {
        package var acknowledged: Int
        package var attempted: Int

        package init(acknowledged: Int = 0, attempted: Int = 0) {
            self.acknowledged = acknowledged
            self.attempted = attempted
        }
    }

    /// By the key's number.
    package private(set) var bounds: [Bounds]
    /// The keys that each client writes now.
    private var own: [[Int]]

    package init(keyCount: Int, clients: Int) {
        bounds = Array(repeating: Bounds(), count: keyCount)
        own = (0..<clients).map { Array(stride(from: $0, to: keyCount, by: clients)) }
    }

    package mutating func attempt(of client: Int, _ chance: inout Chance) -> (key: Int, number: Int) {
        let key = own[client][chance.below(own[client].count)]
        bounds[key].attempted += 1
        return (key, bounds[key].attempted)
    }

    package mutating func acknowledge(_ key: Int, _ number: Int) { bounds[key].acknowledged = number }

    /// Nothing happened, and nothing will.
    package mutating func refuse(_ key: Int) { bounds[key].attempted -= 1 }

    package mutating func giveUp(_ key: Int, of client: Int) {
        guard let place = own[client].firstIndex(of: key) else { return }
        own[client][place] = bounds.count
        bounds.append(Bounds())
    }

    /// What a value that was read at the end says of its key.
    package struct Verdict: Hashable, Sendable {
        /// Writes that were acknowledged and are not there.
        package var lost = 0
        /// Values that nobody wrote.
        package var wrong = 0

        package init(lost: Int = 0, wrong: Int = 0) {
            self.lost = lost
            self.wrong = wrong
        }
    }

    package func verdict(_ key: Int, holds value: [UInt8]?) -> Verdict {
        let number = value.map { Decimal.value($0.prefix { $0 != UInt8(ascii: ":") }) ?? .max } ?? 0
        return Verdict(lost: max(0, bounds[key].acknowledged - number), wrong: number > bounds[key].attempted ? 1 : 0)
    }
}
