/// The form of a range in the cluster file:
///
///     a*          every key that starts with `a`
///     from..to    from `from` up to, and without, `to`; either may be left out
///     *           every key
///
/// A byte that is no text, or that has a meaning here, is written `\xNN`.
extension KeyRange {
    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case noRange(String)
        case starInside(String)
        case ambiguous(String)
        case empty(String)
        case badEscape(String)

        package var description: String {
            switch self {
            case .noRange(let text): "'\(text)' is no range of keys: write a prefix 'x*', a range 'from..to', or '*' for every key"
            case .starInside(let text): "'\(text)' has a * that is not at its end: write \\x2a for a literal one"
            case .ambiguous(let text): "'\(text)' can be read in two ways: write \\x2e for a literal dot beside '..'"
            case .empty(let text): "'\(text)' holds no key: what stands before '..' must sort before what stands after it"
            case .badEscape(let text): "'\(text)' has a \\ that two hexadecimal digits do not follow as in \\x2a"
            }
        }
    }

    package init(text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        if let separator = Self.separator(in: bytes) {
            guard !bytes.contains(UInt8(ascii: "*")) else { throw .starInside(text) }
            try self.init(from: bytes[..<separator], to: bytes[(separator + 2)...], text: text)
        } else {
            guard let last = bytes.last, last == UInt8(ascii: "*") else { throw .noRange(text) }
            guard !bytes.dropLast().contains(UInt8(ascii: "*")) else { throw .starInside(text) }
            let prefix = try Self.unescaped(bytes.dropLast(), in: text)
            self.init(lower: prefix, upper: Self.successor(ofPrefix: prefix), text: text)
        }
    }

    private init(from: ArraySlice<UInt8>, to: ArraySlice<UInt8>, text: String) throws(Problem) {
        guard !from.isEmpty || !to.isEmpty else { throw .noRange(text) }
        guard to.first != UInt8(ascii: "."), Self.separator(in: Array(to)) == nil else { throw .ambiguous(text) }
        let lower = try Self.unescaped(from, in: text)
        let upper = try Self.unescaped(to, in: text)
        guard to.isEmpty || lower.lexicographicallyPrecedes(upper) else { throw .empty(text) }
        self.init(lower: lower, upper: to.isEmpty ? nil : upper, text: text)
    }

    private static func separator(in bytes: [UInt8]) -> Int? {
        let dot = UInt8(ascii: ".")
        return bytes.indices.dropLast().first { bytes[$0] == dot && bytes[$0 + 1] == dot }
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>, in text: String) throws(Problem) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard rest.popFirst() == UInt8(ascii: "x"), let high = rest.popFirst(), let low = rest.popFirst(),
                let number = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16), high != UInt8(ascii: "+")
            else { throw .badEscape(text) }
            result.append(number)
        }
        return result
    }
}
