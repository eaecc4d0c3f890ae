/// A request's arguments where they lie in the receive buffer; the first is the command's name. At least one.
/// Not to be kept: what is kept is copied.
struct Arguments {
    private let bytes: UnsafeRawBufferPointer
    private let spans: [ArgumentSpan]

    init(bytes: UnsafeRawBufferPointer, spans: [ArgumentSpan]) {
        self.bytes = bytes
        self.spans = spans
    }

    var count: Int { spans.count }

    subscript(index: Int) -> UnsafeRawBufferPointer {
        let span = spans[index]
        return UnsafeRawBufferPointer(rebasing: bytes[Int(span.start)..<Int(span.start) + Int(span.count)])
    }

    func copy(_ index: Int) -> [UInt8] { [UInt8](self[index]) }

    func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

    /// As Redis reads integers: no blanks, no plus sign, no leading zeros.
    func integer(_ index: Int) -> Int64? { Int64(digits: self[index]) }

    /// Whether an argument is this word, letters in either case.
    func isWord(_ index: Int, _ word: StaticString) -> Bool {
        let argument = self[index]
        guard argument.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { letters in
            for (letter, byte) in zip(letters, argument) where letter != byte.uppercased { return false }
            return true
        }
    }
}

extension UInt8 {
    /// An ASCII letter in upper case; any other byte as it is.
    var uppercased: UInt8 { UInt8(ascii: "a") <= self && self <= UInt8(ascii: "z") ? self - 32 : self }

    var isDigit: Bool { UInt8(ascii: "0") <= self && self <= UInt8(ascii: "9") }
}

extension Int64 {
    /// A decimal number in its one canonical form; nil for anything else.
    init?(digits: UnsafeRawBufferPointer) {
        let isNegative = digits.first == UInt8(ascii: "-")
        let magnitude = isNegative ? UnsafeRawBufferPointer(rebasing: digits.dropFirst()) : digits
        guard let value = UInt64(digits: magnitude), !(isNegative && value == 0) else { return nil }
        if isNegative {
            guard value <= Int64.min.magnitude else { return nil }
            self = Int64(truncatingIfNeeded: 0 &- value)
        } else {
            guard let exact = Int64(exactly: value) else { return nil }
            self = exact
        }
    }
}

extension UInt64 {
    /// A decimal number in its one canonical form; nil for anything else.
    init?(digits: UnsafeRawBufferPointer) {
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte.isDigit else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }
}
