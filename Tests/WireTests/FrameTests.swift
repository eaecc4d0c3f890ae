import KeyValue
import NIOCore
import Paxos
import Sharding
import Testing
import Wire

@Suite struct FrameTests {
    let sender = FrameCodec(cluster: cluster(), node: one)
    let receiver = FrameCodec(cluster: cluster(), node: two)

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func everyMessageComesBackAsItWas(seed: UInt64) throws {
        var maker = MessageMaker(seed: seed)
        let sections = maker.sections()
        #expect(try receiver.sections(in: sender.frame(of: sections)) == sections)
        for section in sections { #expect(try receiver.sections(in: sender.frame(of: [section])) == [section]) }
    }

    @Test func anEmptyFrameHasNoSections() throws {
        #expect(try receiver.sections(in: sender.frame(of: [])) == [])
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>) func aFrameCutAnywhereIsRefused(seed: UInt64) {
        var maker = MessageMaker(seed: seed)
        let frame = sender.frame(of: maker.sections())
        let accepted = (0..<frame.readableBytes).filter { length in
            refusal(of: frame.getSlice(at: 0, length: length) ?? ByteBuffer()) != .truncated
        }
        #expect(accepted.isEmpty, "seed \(seed)")
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>) func everyFlippedBitIsDetected(seed: UInt64) {
        var maker = MessageMaker(seed: seed)
        let frame = sender.frame(of: maker.sections())
        let accepted = (0..<frame.readableBytes * 8).filter { bit in
            var flipped = frame
            let byte = flipped.getInteger(at: bit / 8, as: UInt8.self) ?? 0
            flipped.setInteger(byte ^ 1 << UInt8(bit % 8), at: bit / 8)
            return refusal(of: flipped) == nil
        }
        #expect(accepted.isEmpty, "seed \(seed)")
    }

    private func refusal(of datagram: ByteBuffer) -> WireError? {
        do throws(WireError) {
            _ = try receiver.frame(datagram: datagram)
            return nil
        } catch {
            return error
        }
    }

    @Test func garbageIsNotOurs() {
        var maker = MessageMaker(seed: 7)
        for _ in 0..<500 {
            let garbage = ByteBuffer(bytes: maker.bytes(200))
            let error = #expect(throws: WireError.self) { try receiver.frame(datagram: garbage) }
            #expect(error == (garbage.readableBytes < 4 ? .truncated : .notOurs))
        }
    }

    @Test func aFrameOfAnotherVersionIsRefusedNamingBoth() {
        var frame = sender.frame(of: [.link(.greeting)])
        frame.setInteger(9 as UInt8, at: 4)
        let error = #expect(throws: WireError.self) { try receiver.frame(datagram: frame) }
        #expect(error == .version(theirs: 9, ours: 3))
        #expect(error?.description == "protocol version 9, where this node speaks version 3")
    }

    @Test func flagsAreKeptForLater() {
        var frame = sender.frame(of: [.link(.greeting)])
        frame.setInteger(1 as UInt8, at: 5)
        #expect(throws: WireError.flags(1)) { try receiver.frame(datagram: frame) }
    }

    @Test func anotherClusterIsForeign() {
        let foreigner = FrameCodec(cluster: cluster("other"), node: one)
        #expect(throws: WireError.foreignCluster) { try receiver.frame(datagram: foreigner.frame(of: [.link(.greeting)])) }
    }

    @Test(arguments: [["low: a..m", "high: m..z"], ["low: a..n", "other: n..z"], ["low: a..n"]])
    func aClusterFileWithOtherShardsIsForeign(shards: [String]) throws {
        let own = FrameCodec(cluster: cluster(shards: ["low: a..n", "high: n..z"]), node: two)
        let same = FrameCodec(cluster: cluster(shards: ["high: n..z", "low: a..n"]), node: one)
        #expect(try own.sections(in: same.frame(of: [.link(.greeting)])) == [.link(.greeting)])
        let other = FrameCodec(cluster: cluster(shards: shards), node: one)
        #expect(throws: WireError.foreignCluster) { try own.frame(datagram: other.frame(of: [.link(.greeting)])) }
    }

    @Test func aClusterFileInAnotherOrderIsNoticed() {
        let reordered = FrameCodec(cluster: cluster(nodes: ["gamma", "beta", "alpha"]), node: one)
        #expect(throws: WireError.misnamedSender(one)) { try receiver.frame(datagram: reordered.frame(of: [.link(.greeting)])) }
    }

    @Test func aNodeThatIsNotInTheFileIsUnknown() {
        let four = NodeID(rawValue: 4)
        let newcomer = FrameCodec(cluster: cluster(nodes: ["alpha", "beta", "gamma", "delta"]), node: four)
        #expect(throws: WireError.unknownSender(four)) { try receiver.frame(datagram: newcomer.frame(of: [.link(.greeting)])) }
        let oneself = receiver.frame(of: [.link(.greeting)], to: two)
        #expect(throws: WireError.unknownSender(two)) { try receiver.frame(datagram: oneself) }
    }

    @Test func aFrameForAnotherNodeIsMisaddressed() {
        let three = NodeID(rawValue: 3)
        #expect(throws: WireError.misaddressed(to: three)) { try receiver.frame(datagram: sender.frame(of: [.link(.greeting)], to: three)) }
    }

    @Test func aFrameAboveTheLimitIsRefusedByItsHeader() throws {
        var frame = sender.frame(of: [.link(.probe(number: 1, padding: 1000))])
        #expect(throws: WireError.tooLarge(byteCount: frame.readableBytes)) {
            try receiver.header(of: frame, frameByteCountMax: frame.readableBytes - 1)
        }
        let byteCount = frame.readableBytes
        let header = try receiver.header(of: frame, frameByteCountMax: byteCount)
        #expect(header.frameByteCount == byteCount)
        _ = try receiver.readFrame(from: &frame, header: header)
        #expect(frame.readableBytes == 0)
    }

    @Test func bytesAfterADatagramsFrameAreRefused() {
        var frame = sender.frame(of: [.link(.greeting)])
        frame.writeInteger(0 as UInt8)
        #expect(throws: WireError.malformed("bytes after the frame")) { try receiver.frame(datagram: frame) }
    }

    @Test func theFormatIsWhatItWas() {
        let ballot = Ballot(round: 5, node: one)
        let entry = Entry(ballot: ballot, stamp: Stamp(rawValue: 9), content: .command([0xAA, 0xBB]))
        let accept = Accept(ballot: ballot, ballotFirst: Slot(2), chosenUpTo: Slot(3), first: Slot(4), entries: [entry])
        let envelope = Envelope(
            from: Party(node: one, incarnation: Incarnation(rawValue: 0x11), boot: Boot(rawValue: 0x12)),
            to: Party(node: two, incarnation: Incarnation(rawValue: 0x13), boot: Boot(rawValue: 0x14)), configuration: 1,
            message: .accept(accept))
        let frame = sender.frame(of: [
            .envelope(envelope, ShardID(rawValue: 0xA1A2_A3A4)), .service(.queryRefused(token: 6, .busy), ShardID(rawValue: 1)),
            .link(.echo(number: 7)),
        ])
        #expect(frame.readableBytesView.map { hexadecimal($0) }.joined() == goldenFrame)
    }

    private func hexadecimal(_ byte: UInt8) -> String { String(UInt16(byte) | 0x100, radix: 16).suffix(2).description }

    private var goldenFrame: String {
        [
            // Header: magic, version, flags, sender, receiver, name, length.
            "444352450300010002005818d15189000000",
            // Cluster, checksum.
            "76bc711a311596e5480ccc05683beadd",
            // Accept, shard, 93 bytes.
            "07a4a3a2a15d000000",
            // From: incarnation, boot.
            "11000000000000001200000000000000",
            // To: incarnation, boot.
            "13000000000000001400000000000000",
            // Configuration.
            "0100000000000000",
            // Ballot.
            "05000000000000000100",
            // Ballot's first, chosen up to, first.
            "020000000000000003000000000000000400000000000000",
            // One entry: stamp, kind, length, payload.
            "0100000009000000000000000102000000aabb",
            // Query refused, shard, 9 bytes: token, busy.
            "250100000009000000060000000000000002",
            // Echo, no shard, 8 bytes: number.
            "4200000000080000000700000000000000",
        ].joined()
    }
}
