/// Redis's patterns, letters in either case: `*` any run, `?` any one, `[a-z]` and `[^a-z]` one of a set, `\` takes the next as it is.
enum Glob {
    /// The last `*` is the only one ever taken back, so the time is bounded by the product of the lengths.
    static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern.removeFirst()
                star = (pattern, text)
                continue
            }
            if let byte = text.first, let rest = takeOne(pattern, byte.uppercased) {
                pattern = rest
                text.removeFirst()
                continue
            }
            if pattern.isEmpty, text.isEmpty { return true }
            guard let (starPattern, starText) = star, !starText.isEmpty else { return false }
            pattern = starPattern
            text = starText.dropFirst()
            star = (pattern, text)
        }
    }

    /// What is left of the pattern after its first element has matched `byte`; nil where it does not match.
    private static func takeOne(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let first = pattern.first else { return nil }
        var rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "?"): return rest
        case UInt8(ascii: "["): return takeSet(rest, byte)
        case UInt8(ascii: "\\"):
            guard let literal = rest.popFirst() else { return byte == first ? rest : nil }
            return literal.uppercased == byte ? rest : nil
        default: return first.uppercased == byte ? rest : nil
        }
    }

    /// A set that is not closed reaches to the pattern's end, as in Redis.
    private static func takeSet(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        var rest = pattern
        let isNegated = rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var holds = false
        while var low = rest.popFirst(), low != UInt8(ascii: "]") {
            if low == UInt8(ascii: "\\"), let literal = rest.popFirst() { low = literal }
            if rest.first == UInt8(ascii: "-"), let high = rest.dropFirst().first {
                rest = rest.dropFirst(2)
                let ends = (low.uppercased, high.uppercased)
                if (min(ends.0, ends.1)...max(ends.0, ends.1)).contains(byte) { holds = true }
            } else if low.uppercased == byte {
                holds = true
            }
        }
        return holds != isNegated ? rest : nil
    }
}
