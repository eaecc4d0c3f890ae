/// A 64-bit checksum against accidents (not against forgers): over log rows, and over frames between nodes.
/// Eight bytes at a time through a multiply and a fold, in the manner of wyhash; part of the disk and wire formats, so never changed.
package enum Checksum {
    private static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let second: UInt64 = 0xD6E8_FEB8_6659_FD93

    package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        let (state, tail) = words(of: bytes, begin(seed: seed))
        return finish(state, tail, UInt64(bytes.count))
    }

    static func begin(seed: UInt64) -> UInt64 { seed ^ first }

    /// The state behind all whole words, and what is left over.
    static func words(of bytes: UnsafeRawBufferPointer, _ state: UInt64) -> (state: UInt64, tail: UInt64) {
        var state = state
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            state = fold(state ^ word, second)
            offset += 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            tail |= UInt64(bytes[offset]) << shift
            shift += 8
            offset += 1
        }
        return (state, tail)
    }

    static func finish(_ state: UInt64, _ tail: UInt64, _ byteCount: UInt64) -> UInt64 {
        fold(fold(state ^ tail, second) ^ byteCount, first)
    }

    package static func of(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { of($0, seed: seed) }
    }

    /// Mixes a number into a running checksum.
    package static func combine(_ state: UInt64, _ word: UInt64) -> UInt64 { fold(state ^ word ^ first, second) }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right | 1)
        return product.high ^ product.low
    }
}
