import Paxos
import Testing

@Suite struct ChecksumStreamTests {
    @Test(arguments: [0, 1, 7, 8, 9, 64, 1_000]) func piecesGiveTheChecksumOfTheWhole(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31) }
        var stream = ChecksumStream(seed: 3)
        for start in stride(from: 0, to: count, by: 16) { stream.add(Array(bytes[start..<min(start + 16, count)])) }
        #expect(stream.checksum == Checksum.of(bytes, seed: 3))
    }
}
