import KeyValue

/// Bytes that are not RESP: the client is told so and closed, for nothing says where its next request begins.
package struct ProtocolError: Error, Hashable {
    let text: String
}

/// Where an argument lies, counted from the first byte that its `Arguments` stand on.
struct ArgumentSpan {
    let start: UInt32
    let count: UInt32
}

/// Finds the arguments of one request in place. It remembers how far it has looked, so that a request that comes
/// in many pieces is looked at once.
///
///     request = "*" count CRLF { "$" length CRLF bytes CRLF }   an array of bulk strings, or
///               words LF                                        an inline command
package struct RequestScanner {
    package enum Progress {
        /// The rest has not come yet.
        case incomplete
        /// Nothing to answer: an empty line or an empty array.
        case empty
        case request
    }

    private enum Stage {
        case start
        case inline
        case bulkHeader
        case bulk(length: Int)
    }

    private let limits: GatewayLimits
    private var stage = Stage.start
    /// How many bulk strings are still to come.
    private var missing = 0
    /// How many bytes of an inline command hold no line feed.
    private var searched = 0
    /// An inline command's arguments without their quotes; the spans refer to it.
    private var inlineBytes: [UInt8]?
    private var spans: [ArgumentSpan] = []
    /// How many bytes, from the request's first, have been understood: its length once it is whole.
    package private(set) var position = 0

    package init(limits: GatewayLimits) { self.limits = limits }

    /// `bytes` begin with the request's first byte, and with all that earlier calls were given.
    package mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) -> Progress {
        while true {
            switch stage {
            case .start:
                guard let first = bytes.first else { return .incomplete }
                guard first == UInt8(ascii: "*") else {
                    stage = .inline
                    continue
                }
                guard let count = try number(in: bytes, of: "multibulk", tooLong: "mbulk") else { return .incomplete }
                guard count <= limits.argumentsMax else { throw ProtocolError(text: "invalid multibulk length") }
                if count <= 0 { return .empty }
                missing = count
                stage = .bulkHeader
            case .inline:
                return try scanLine(bytes)
            case .bulkHeader:
                guard position < bytes.count else { return .incomplete }
                guard bytes[position] == UInt8(ascii: "$") else { throw Self.notABulk(bytes[position]) }
                guard let length = try number(in: bytes, of: "bulk", tooLong: "bulk") else { return .incomplete }
                guard length >= 0, length <= limits.requestBytesMax else { throw ProtocolError(text: "invalid bulk length") }
                guard position + length + 2 <= limits.requestBytesMax else {
                    throw ProtocolError(text: "request of more than \(limits.requestBytesMax) bytes")
                }
                stage = .bulk(length: length)
            case .bulk(let length):
                let end = position + length
                guard bytes.count >= end + 2 else { return .incomplete }
                guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
                    throw ProtocolError(text: "expected CRLF after a bulk string")
                }
                spans.append(ArgumentSpan(start: UInt32(position), count: UInt32(length)))
                position = end + 2
                missing -= 1
                if missing == 0 { return .request }
                stage = .bulkHeader
            }
        }
    }

    /// The whole request's arguments; `bytes` as they were given to `scan`.
    func withArguments<Result>(in bytes: UnsafeRawBufferPointer, _ body: (Arguments) -> Result) -> Result {
        if let inlineBytes {
            return inlineBytes.withUnsafeBytes { body(Arguments(bytes: $0, spans: spans)) }
        }
        return body(Arguments(bytes: bytes, spans: spans))
    }

    /// Makes ready for the next request.
    package mutating func reset() {
        stage = .start
        missing = 0
        searched = 0
        inlineBytes = nil
        position = 0
        spans.removeAll(keepingCapacity: spans.count <= 64)
    }

    /// The number behind the byte at `position`, up to its CRLF; nil while the rest is missing.
    private mutating func number(in bytes: UnsafeRawBufferPointer, of noun: String, tooLong: String) throws(ProtocolError) -> Int? {
        let digits = position + 1
        // The longest number that can be valid has 20 characters; more without an end is not worth waiting for.
        let searchEnd = min(bytes.count, digits + 32)
        var end = digits
        while end < searchEnd, bytes[end] != UInt8(ascii: "\r") { end += 1 }
        if end == searchEnd {
            if end - digits == 32 { throw ProtocolError(text: "too big \(tooLong) count string") }
            return nil
        }
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == UInt8(ascii: "\n"),
            let value = Int64(digits: UnsafeRawBufferPointer(rebasing: bytes[digits..<end]))
        else { throw ProtocolError(text: "invalid \(noun) length") }
        position = end + 2
        return Int(value)
    }

    private mutating func scanLine(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) -> Progress {
        let searchEnd = min(bytes.count, limits.inlineBytesMax)
        var end = searched
        while end < searchEnd, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        searched = end
        guard end < searchEnd else {
            if end == limits.inlineBytesMax { throw ProtocolError(text: "too big inline request") }
            return .incomplete
        }
        position = end + 1
        let hasReturn = end > 0 && bytes[end - 1] == UInt8(ascii: "\r")
        let line = UnsafeRawBufferPointer(rebasing: bytes[..<(hasReturn ? end - 1 : end)])
        guard let words = InlineWords(line) else { throw ProtocolError(text: "unbalanced quotes in request") }
        if words.spans.isEmpty { return .empty }
        inlineBytes = words.bytes
        spans = words.spans
        return .request
    }

    private static func notABulk(_ byte: UInt8) -> ProtocolError {
        ProtocolError(text: "expected '$', got '\(Character(UnicodeScalar(byte)))'")
    }
}
