/// Which keys there are: a prefix (which decides the shard, where the server has shards) and a number, filled up with zeros.
package struct KeySpace: Sendable {
    package enum Distribution: String, CaseIterable, Sendable, Codable {
        case uniform
        case zipfian
    }

    package struct Prefix: Hashable, Sendable {
        package let text: String
        package let weight: Int

        package init(_ text: String, weight: Int = 1) {
            self.text = text
            self.weight = weight
        }
    }

    /// `ab`: the prefixes a and b alike. `a:9,b:1`: nine of ten keys begin with a.
    package static func prefixes(_ text: String) throws(BenchFailure) -> [Prefix] {
        guard text.contains(":") || text.contains(",") else { return text.map { Prefix(String($0)) } }
        var prefixes: [Prefix] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: ":")
            let weight = words.count == 1 ? 1 : Int(words.last ?? "")
            guard (1...2).contains(words.count), let weight, weight > 0 else {
                throw .usage("'\(part)' is no prefix with its weight: write a:9,b:1")
            }
            prefixes.append(Prefix(String(words[0]), weight: weight))
        }
        return prefixes
    }

    package let size: Int
    /// Of each prefix.
    package let countEach: Int
    private let prefixes: [[UInt8]]
    /// A prefix's number as often as its weight says.
    private let choices: [UInt8]
    private let zipfian: Zipfian?

    package init(count: Int, size: Int = 16, prefixes: [Prefix], distribution: Distribution = .uniform) throws(BenchFailure) {
        let longest = prefixes.map(\.text.utf8.count).max() ?? 0
        guard count > 0, !prefixes.isEmpty else { throw .usage("there must be a key and a prefix") }
        guard prefixes.count <= 255, prefixes.allSatisfy({ $0.weight <= 1000 }) else {
            throw .usage("at most 255 prefixes, with weights of at most 1000")
        }
        self.size = size
        countEach = (count + prefixes.count - 1) / prefixes.count
        let digits = Decimal.digitCount(countEach)
        guard size >= longest + digits else {
            throw .usage("keys of \(size) bytes are too short for a prefix and \(digits) digits")
        }
        self.prefixes = prefixes.map { Array($0.text.utf8) }
        choices = prefixes.enumerated().flatMap { Array(repeating: UInt8($0.offset), count: $0.element.weight) }
        zipfian = distribution == .zipfian ? Zipfian(count: countEach) : nil
    }

    package var count: Int { countEach * prefixes.count }

    /// A key as one number below `count`.
    package func draw(_ chance: inout Chance) -> Int {
        let prefix = choices.count == 1 ? 0 : Int(choices[chance.below(choices.count)])
        return prefix * countEach + (zipfian?.draw(&chance) ?? chance.below(countEach))
    }

    func write(_ key: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) {
        // Keys past the count are of the first prefix: those of checked clients that gave others up.
        let isExtra = key >= count
        let prefix = prefixes[isExtra ? 0 : key / countEach]
        for (offset, byte) in prefix.enumerated() { bytes[offset] = byte }
        Decimal.put(isExtra ? key : key % countEach, from: prefix.count, endingAt: size, in: bytes)
    }

    /// The key as it is sent.
    package func text(_ key: Int) -> String {
        String(
            unsafeUninitializedCapacity: size,
            initializingUTF8With: { bytes in
                write(key, into: bytes)
                return size
            })
    }
}
