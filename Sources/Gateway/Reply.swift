/// A reply, whichever version of the protocol it will be written in.
indirect enum Reply: Hashable, Sendable {
    case simple(String)
    /// With its code: `ERR syntax error`.
    case error(String)
    case integer(Int64)
    case bulk([UInt8])
    case text(String)
    /// Text made for people: RESP3 marks it so.
    case verbatim(String)
    case null
    case array([Reply])
    /// Keys and values by turns; RESP2 has an array instead.
    case map([Reply])
    /// RESP2 has an array instead.
    case set([Reply])

    static let ok = Reply.simple("OK")

    /// About what it will take in memory.
    var byteCount: Int {
        switch self {
        case .simple(let text), .error(let text), .text(let text), .verbatim(let text): text.utf8.count + 16
        case .bulk(let bytes): bytes.count + 16
        case .integer, .null: 16
        case .array(let items), .map(let items), .set(let items): items.reduce(16) { $0 + $1.byteCount }
        }
    }
}

enum ProtocolVersion: Int64, Sendable {
    case resp2 = 2
    case resp3 = 3
}
