/// An inline command's words, split as Redis splits them: at blanks; `"…"` with `\n \r \t \b \a \xHH` and `\` before
/// any other character; `'…'` with `\'` only; a closing quote ends its word.
struct InlineWords {
    private(set) var bytes: [UInt8] = []
    private(set) var spans: [ArgumentSpan] = []

    /// Nil where quotes are not balanced.
    init?(_ line: UnsafeRawBufferPointer) {
        var index = 0
        while true {
            while index < line.count, Self.isBlank(line[index]) { index += 1 }
            guard index < line.count else { return }
            let start = bytes.count
            while index < line.count, !Self.isBlank(line[index]) {
                let byte = line[index]
                index += 1
                switch byte {
                case UInt8(ascii: "\""): guard readDoubleQuoted(line, &index) else { return nil }
                case UInt8(ascii: "'"): guard readSingleQuoted(line, &index) else { return nil }
                default: bytes.append(byte)
                }
            }
            spans.append(ArgumentSpan(start: UInt32(start), count: UInt32(bytes.count - start)))
        }
    }

    /// False where the closing quote is missing, or stands inside a word.
    private mutating func readDoubleQuoted(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return index == line.count || Self.isBlank(line[index]) }
            guard byte == UInt8(ascii: "\\"), index < line.count else {
                bytes.append(byte)
                continue
            }
            let escaped = line[index]
            index += 1
            if escaped == UInt8(ascii: "x"), index + 1 < line.count,
                let high = Self.hexadecimal(line[index]), let low = Self.hexadecimal(line[index + 1])
            {
                bytes.append(high << 4 | low)
                index += 2
                continue
            }
            bytes.append(Self.unescaped(escaped))
        }
        return false
    }

    private mutating func readSingleQuoted(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == UInt8(ascii: "'") { return index == line.count || Self.isBlank(line[index]) }
            if byte == UInt8(ascii: "\\"), index < line.count, line[index] == UInt8(ascii: "'") {
                bytes.append(UInt8(ascii: "'"))
                index += 1
            } else {
                bytes.append(byte)
            }
        }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) || byte == 0 }

    private static func unescaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        case UInt8(ascii: "t"): UInt8(ascii: "\t")
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "a"): 7
        default: byte
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
