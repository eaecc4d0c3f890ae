/// Takes a byte form apart, and throws where the bytes are not what they should be: foreign bytes never trap.
///
/// Valid no longer than the buffer it looks into; `reading` keeps the two together.
package struct ByteReader {
    @usableFromInline let buffer: UnsafeRawBufferPointer
    @usableFromInline var position = 0

    @inlinable package init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

    /// Reads the whole of `bytes`: what `body` leaves over is an error.
    @inlinable package static func reading<Value>(
        _ bytes: [UInt8], _ body: (inout ByteReader) throws(CodingError) -> Value
    ) throws(CodingError) -> Value {
        try bytes.withUnsafeBufferPointer { (elements) throws(CodingError) in
            var reader = ByteReader(UnsafeRawBufferPointer(elements))
            let value = try body(&reader)
            try reader.finish()
            return value
        }
    }

    @inlinable package var offset: Int { position }

    @inlinable package var remaining: Int { buffer.count - position }

    /// Nothing may be left over.
    @inlinable package func finish() throws(CodingError) {
        if remaining > 0 { throw .trailingBytes(remaining) }
    }

    @inlinable package mutating func read<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(CodingError) -> Number {
        let start = try advance(MemoryLayout<Number>.size)
        return Number(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: Number.self))
    }

    @inlinable package mutating func readBigEndian<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(CodingError)
        -> Number
    {
        let start = try advance(MemoryLayout<Number>.size)
        return Number(bigEndian: buffer.loadUnaligned(fromByteOffset: start, as: Number.self))
    }

    @inlinable package mutating func readVarint() throws(CodingError) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            let bits = UInt64(byte & 0x7F)
            // One number has one form: no superfluous zero at the end, nothing beyond 64 bits.
            guard shift < 63 || (shift == 63 && bits <= 1), shift == 0 || byte != 0 else { throw .malformed("a variable-length number") }
            number |= bits << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    /// A number of things that take at least one byte each, so that no forged count makes anybody reserve memory.
    @inlinable package mutating func readCount() throws(CodingError) -> Int {
        let number = try readVarint()
        guard number <= UInt64(remaining) else { throw .truncated }
        return Int(number)
    }

    @inlinable package mutating func read(raw count: Int) throws(CodingError) -> [UInt8] { [UInt8](try readView(count)) }

    /// Without a copy; valid no longer than the reader's buffer.
    @inlinable package mutating func readView(_ count: Int) throws(CodingError) -> UnsafeRawBufferPointer {
        guard count >= 0 else { throw .malformed("a length") }
        let start = try advance(count)
        return UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
    }

    @inlinable package mutating func readCounted() throws(CodingError) -> [UInt8] {
        let count = try readCount()
        return try read(raw: count)
    }

    @inlinable package mutating func readOptional() throws(CodingError) -> [UInt8]? {
        let number = try readVarint()
        guard number > 0 else { return nil }
        guard number - 1 <= UInt64(remaining) else { throw .truncated }
        return try read(raw: Int(number - 1))
    }

    @inlinable package mutating func readList() throws(CodingError) -> [[UInt8]] {
        let count = try readCount()
        var values: [[UInt8]] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readCounted()) }
        return values
    }

    /// Where the next `count` bytes start.
    @inlinable mutating func advance(_ count: Int) throws(CodingError) -> Int {
        guard count <= remaining else { throw .truncated }
        let start = position
        position += count
        return start
    }
}
