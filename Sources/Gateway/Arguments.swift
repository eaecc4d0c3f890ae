import KeyValue

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
}
