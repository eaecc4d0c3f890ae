import NIOCore

/// Writes replies into a connection's one reply buffer.
extension ByteBuffer {
    mutating func write(_ reply: Reply, as version: ProtocolVersion) {
        switch reply {
        case .simple(let text): writeLine("+", text)
        case .error(let text): writeError(text)
        case .integer(let value): writeNumber(":", value)
        case .bulk(let bytes): writeBulk(bytes)
        case .text(let text): writeText(text)
        case .verbatim(let text):
            guard version == .resp3 else { return writeText(text) }
            writeNumber("=", Int64(text.utf8.count + 4))
            writeStaticString("txt:")
            writeString(text)
            writeStaticString("\r\n")
        case .null: writeNull(as: version)
        case .array(let items): writeItems("*", items.count, items, as: version)
        case .map(let items):
            version == .resp3 ? writeItems("%", items.count / 2, items, as: version) : writeItems("*", items.count, items, as: version)
        case .set(let items): writeItems(version == .resp3 ? "~" : "*", items.count, items, as: version)
        }
    }

    mutating func writeNumber(_ type: StaticString, _ value: Int64) {
        writeStaticString(type)
        writeString(String(value))
        writeStaticString("\r\n")
    }

    mutating func writeBulk(_ bytes: [UInt8]) {
        writeNumber("$", Int64(bytes.count))
        writeBytes(bytes)
        writeStaticString("\r\n")
    }

    mutating func writeBulk(_ bytes: [UInt8]?, as version: ProtocolVersion) {
        if let bytes { writeBulk(bytes) } else { writeNull(as: version) }
    }

    mutating func writeNull(as version: ProtocolVersion) {
        writeStaticString(version == .resp3 ? "_\r\n" : "$-1\r\n")
    }

    mutating func writeError(_ text: String) { writeLine("-", text) }

    mutating func writeError(_ code: StaticString, _ text: String) {
        writeStaticString("-")
        writeStaticString(code)
        writeLine(" ", text)
    }

    private mutating func writeText(_ text: String) {
        writeNumber("$", Int64(text.utf8.count))
        writeString(text)
        writeStaticString("\r\n")
    }

    /// A line break inside would end the reply early and turn the rest of the text into replies: it becomes a blank.
    private mutating func writeLine(_ type: StaticString, _ text: String) {
        writeStaticString(type)
        if text.isOneLine {
            writeString(text)
        } else {
            writeBytes(text.utf8.map { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 })
        }
        writeStaticString("\r\n")
    }

    private mutating func writeItems(_ type: StaticString, _ count: Int, _ items: [Reply], as version: ProtocolVersion) {
        writeNumber(type, Int64(count))
        for item in items { write(item, as: version) }
    }
}

extension String {
    /// Looked at in place where the string's bytes lie in one piece, as they nearly always do: refusals come in floods.
    fileprivate var isOneLine: Bool {
        let isInPlace = utf8.withContiguousStorageIfAvailable { !$0.contains(UInt8(ascii: "\r")) && !$0.contains(UInt8(ascii: "\n")) }
        return isInPlace ?? utf8.allSatisfy { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    }
}
