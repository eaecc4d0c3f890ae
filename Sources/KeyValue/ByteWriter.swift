/// Builds a byte form. Numbers are little-endian unless it is said otherwise.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// `capacity` is a guess at the size of the whole, in bytes.
    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package var count: Int { bytes.count }

    package mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ byte: UInt8) { bytes.append(byte) }

    package mutating func writeBigEndian<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow. One byte below 128, at most ten.
    package mutating func writeVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The bytes alone: the reader must know how many they are.
    package mutating func write(raw value: [UInt8]) { bytes.append(contentsOf: value) }

    /// A varint length, then the bytes.
    package mutating func write(counted value: [UInt8]) {
        writeVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A varint, 0 for nil and else the length + 1, then the bytes.
    package mutating func write(optional value: [UInt8]?) {
        guard let value else { return bytes.append(0) }
        writeVarint(UInt64(value.count) + 1)
        bytes.append(contentsOf: value)
    }

    /// A varint count, then each element counted.
    package mutating func write(list values: [[UInt8]]) {
        writeVarint(UInt64(values.count))
        for value in values { write(counted: value) }
    }

    /// Overwrites a number written earlier: for a length that is known only at the end.
    package mutating func overwrite<Number: FixedWidthInteger>(at offset: Int, with number: Number) {
        bytes.withUnsafeMutableBytes { buffer in
            precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= buffer.count, "a number is overwritten where one stands")
            buffer.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
        }
    }
}
