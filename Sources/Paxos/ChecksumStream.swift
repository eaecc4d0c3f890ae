/// The `Checksum` of bytes that come in pieces: the same as of all of them at once, as long as only the last piece has a length that
/// eight does not divide.
package struct ChecksumStream: Hashable, Sendable {
    private var state: UInt64
    private var byteCount: UInt64 = 0
    private var tail: UInt64 = 0

    package init(seed: UInt64 = 0) { state = Checksum.begin(seed: seed) }

    package mutating func add(_ bytes: [UInt8]) {
        invariant(byteCount.isMultiple(of: 8), "only the last piece has an odd length")
        (state, tail) = bytes.withUnsafeBytes { Checksum.words(of: $0, state) }
        byteCount += UInt64(bytes.count)
    }

    package var checksum: UInt64 { Checksum.finish(state, tail, byteCount) }
}
