/// A pattern of `SCAN` and `KEYS`, by Redis's rules, over bytes: `*` any bytes, `?` any byte, `[a-z]` a class, `[^a-z]` the bytes
/// outside it, `\` takes the next byte as it is. A class without `]` goes on to the end of the pattern.
///
/// Every token but `*` takes exactly one byte, so that only the latest `*` ever needs to be tried again: matching takes at most
/// pattern × key steps, for any pattern.
package struct Glob: Hashable, Sendable {
    fileprivate enum Token: Hashable {
        case byte(UInt8)
        case anyByte
        case oneOf(ByteSet)
        case anyBytes
    }

    private let tokens: [Token]

    package init(_ pattern: [UInt8]) {
        var tokens: [Token] = []
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): if tokens.last != .anyBytes { tokens.append(.anyBytes) }
            case UInt8(ascii: "?"): tokens.append(.anyByte)
            case UInt8(ascii: "["): tokens.append(.oneOf(Self.takeClass(from: &rest)))
            case UInt8(ascii: "\\"): tokens.append(.byte(rest.popFirst() ?? byte))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    package func matches(_ key: [UInt8]) -> Bool {
        var token = 0
        var position = 0
        // Behind the latest `*`, and where the bytes that it takes end.
        var retry: (token: Int, position: Int)?
        while position < key.count {
            if token < tokens.count, tokens[token] == .anyBytes {
                token += 1
                retry = (token, position)
            } else if token < tokens.count, tokens[token].takes(key[position]) {
                token += 1
                position += 1
            } else if let (tokenAfter, taken) = retry {
                retry = (tokenAfter, taken + 1)
                token = tokenAfter
                position = taken + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyBytes }
    }

    /// The class whose `[` has been taken, with its `]`.
    private static func takeClass(from rest: inout ArraySlice<UInt8>) -> ByteSet {
        var members = ByteSet()
        let isNegated = rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                members.insert(escaped...escaped)
            } else if rest.count >= 2, rest.first == UInt8(ascii: "-") {
                let end = rest[rest.startIndex + 1]
                rest = rest.dropFirst(2)
                members.insert(min(byte, end)...max(byte, end))
            } else {
                members.insert(byte...byte)
            }
        }
        return isNegated ? members.inverted : members
    }
}

extension Glob.Token {
    fileprivate func takes(_ byte: UInt8) -> Bool {
        switch self {
        case .byte(let wanted): wanted == byte
        case .anyByte: true
        case .oneOf(let members): members.contains(byte)
        case .anyBytes: false
        }
    }
}

/// A set of bytes, a bit each.
private struct ByteSet: Hashable {
    private var words = SIMD4<UInt64>()

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

    var inverted: ByteSet {
        var others = self
        others.words = ~words
        return others
    }
}
