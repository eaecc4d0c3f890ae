/// A reply of RESP2.
enum RESPValue: Hashable, Sendable {
    case simple(String)
    case error(String)
    case integer(Int64)
    case bulk(String?)
    case array([RESPValue])

    /// Text of a string reply of either kind.
    var text: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let text): text
        case .error, .integer, .array: nil
        }
    }

    static let ok = RESPValue.simple("OK")
}

/// Reads replies from bytes as they come.
struct RESPReader {
    private var bytes: [UInt8] = []
    private var position = 0

    struct Malformed: Error {}

    mutating func append(_ more: UnsafeRawBufferPointer) {
        if position == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            position = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole reply, or nil if more bytes are needed.
    mutating func next() throws -> RESPValue? {
        let start = position
        if let value = try value() { return value }
        position = start
        return nil
    }

    private mutating func value() throws -> RESPValue? {
        guard let line = line(), let kind = line.first else { return nil }
        let rest = String(line.dropFirst())
        switch kind {
        case "+": return .simple(rest)
        case "-": return .error(rest)
        case ":": return .integer(try number(rest))
        case "$":
            let count = Int(try number(rest))
            if count < 0 { return .bulk(nil) }
            guard bytes.count - position >= count + 2 else { return nil }
            defer { position += count + 2 }
            return .bulk(String(decoding: bytes[position..<position + count], as: UTF8.self))
        case "*":
            var values: [RESPValue] = []
            for _ in 0..<max(0, try number(rest)) {
                guard let element = try value() else { return nil }
                values.append(element)
            }
            return .array(values)
        default: throw Malformed()
        }
    }

    private func number(_ text: String) throws -> Int64 {
        guard let number = Int64(text) else { throw Malformed() }
        return number
    }

    private mutating func line() -> String? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\r")), end + 1 < bytes.count else { return nil }
        defer { position = end + 2 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
