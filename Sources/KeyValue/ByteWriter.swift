/// Builds a byte form. Numbers are little-endian unless it is said otherwise.
/// Inlinable: across modules a generic call for each number would cost more than the number.
package struct ByteWriter: Sendable {
    @usableFromInline var storage: [UInt8] = []

    /// `capacity` is a guess at the size of the whole, in bytes.
    @inlinable package init(capacity: Int = 0) { storage.reserveCapacity(capacity) }

    @inlinable package var bytes: [UInt8] { storage }

    @inlinable package var count: Int { storage.count }

    @inlinable package mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { storage.append(contentsOf: $0) }
    }

    @inlinable package mutating func write(_ byte: UInt8) { storage.append(byte) }

    @inlinable package mutating func writeBigEndian<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { storage.append(contentsOf: $0) }
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow. One byte below 128, at most ten.
    @inlinable package mutating func writeVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        storage.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The bytes alone: the reader must know how many they are.
    @inlinable package mutating func write(raw value: [UInt8]) { storage.append(contentsOf: value) }

    /// A varint length, then the bytes.
    @inlinable package mutating func write(counted value: [UInt8]) {
        writeVarint(UInt64(value.count))
        storage.append(contentsOf: value)
    }

    /// A varint, 0 for nil and else the length + 1, then the bytes.
    @inlinable package mutating func write(optional value: [UInt8]?) {
        guard let value else { return storage.append(0) }
        writeVarint(UInt64(value.count) + 1)
        storage.append(contentsOf: value)
    }

    /// A varint count, then each element counted.
    @inlinable package mutating func write(list values: [[UInt8]]) {
        writeVarint(UInt64(values.count))
        for value in values { write(counted: value) }
    }
}
