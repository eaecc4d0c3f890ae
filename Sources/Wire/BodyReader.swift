import NIOCore
import Paxos

/// Reads little-endian numbers from the body of a section. Never reads past the end, and never sets memory aside for
/// an announced count before so many items could stand in the bytes that are there.
struct BodyReader {
    private var bytes: ByteBuffer

    /// Slots, rounds, instants and spans above this are refused: the core adds to them, and must not overflow.
    static let numberMax: UInt64 = 1 << 60

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    var remaining: Int { bytes.readableBytes }

    mutating func integer<Number: FixedWidthInteger>(as type: Number.Type = Number.self) throws(WireError) -> Number {
        guard let number = bytes.readInteger(endianness: .little, as: type) else { throw .truncated }
        return number
    }

    /// A number that the core calculates with.
    mutating func number() throws(WireError) -> UInt64 {
        let number = try integer(as: UInt64.self)
        guard number <= Self.numberMax else { throw .malformed("number out of range") }
        return number
    }

    mutating func flag() throws(WireError) -> Bool {
        switch try integer(as: UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw .malformed("a flag that is neither 0 nor 1")
        }
    }

    /// A number of items that follow, each of at least `itemSize` bytes.
    mutating func count(itemSize: Int) throws(WireError) -> Int {
        let count = Int(try integer(as: UInt32.self))
        guard count <= remaining / itemSize else { throw .truncated }
        return count
    }

    /// A length, and as many bytes.
    mutating func byteString() throws(WireError) -> [UInt8] {
        let length = Int(try integer(as: UInt32.self))
        guard let read = bytes.readBytes(length: length) else { throw .truncated }
        return read
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { bytes.readBytes(length: bytes.readableBytes) ?? [] }

    /// Steps over all that is left; returns how much it was.
    mutating func skipRest() -> Int {
        let skipped = remaining
        bytes.moveReaderIndex(forwardBy: skipped)
        return skipped
    }

    func finish() throws(WireError) {
        guard remaining == 0 else { throw .malformed("bytes after the end of a message") }
    }
}

/// What stands in a section, or is a part of it.
protocol WireCoded {
    func write(to bytes: inout ByteBuffer)
    init(from reader: inout BodyReader) throws(WireError)
}

extension ByteBuffer {
    mutating func writeLittle(_ number: some FixedWidthInteger) { writeInteger(number, endianness: .little) }

    mutating func writeFlag(_ flag: Bool) { writeInteger(flag ? 1 : 0 as UInt8) }

    mutating func writeByteString(_ string: [UInt8]) {
        writeLittle(UInt32(string.count))
        writeBytes(string)
    }
}
