/// What a node answers, in RESP2.
indirect enum NodeReply: Hashable {
    case simple(String)
    case error(String)
    case integer(Int64)
    case bulk([UInt8])
    case null
    case array([NodeReply])
}

/// Takes a reply apart.
struct NodeReplyReader {
    private static let depthMax = 4
    private static let countMax = 1 << 16

    struct Malformed: Error {}

    /// What stands at the beginning of `bytes`, and where it ends; nil while it is incomplete.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> (reply: NodeReply, end: Int)? {
        var reader = NodeReplyReader(bytes: bytes)
        guard let reply = try reader.next(depth: 0) else { return nil }
        return (reply, reader.position)
    }

    private let bytes: [UInt8]
    private var position = 0

    private mutating func next(depth: Int) throws(Malformed) -> NodeReply? {
        guard depth < Self.depthMax, let line = line() else {
            if depth >= Self.depthMax { throw Malformed() }
            return nil
        }
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch line.first {
        case UInt8(ascii: "+"): return .simple(text)
        case UInt8(ascii: "-"): return .error(text)
        case UInt8(ascii: ":"):
            guard let number = Int64(text) else { throw Malformed() }
            return .integer(number)
        case UInt8(ascii: "$"): return try bulk(text)
        case UInt8(ascii: "*"): return try array(text, depth)
        default: throw Malformed()
        }
    }

    private mutating func bulk(_ text: String) throws(Malformed) -> NodeReply? {
        guard let count = Int(text), -1...NodeClient.replyBytesMax ~= count else { throw Malformed() }
        guard count >= 0 else { return .null }
        guard bytes.count >= position + count + 2 else { return nil }
        defer { position += count + 2 }
        return .bulk(Array(bytes[position..<position + count]))
    }

    private mutating func array(_ text: String, _ depth: Int) throws(Malformed) -> NodeReply? {
        guard let count = Int(text), 0...Self.countMax ~= count else { throw Malformed() }
        var items: [NodeReply] = []
        for _ in 0..<count {
            guard let item = try next(depth: depth + 1) else { return nil }
            items.append(item)
        }
        return .array(items)
    }

    /// Without its end.
    private mutating func line() -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\r")), end + 1 < bytes.count else { return nil }
        defer { position = end + 2 }
        return bytes[position..<end]
    }
}
