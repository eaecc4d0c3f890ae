import NIOCore
import Paxos
import Testing
import Wire

/// Frames with a right checksum and wrong contents: what a faulty node, or one that means harm, could send.
@Suite struct MalformedTests {
    let sender = FrameCodec(cluster: cluster(), node: one)
    let receiver = FrameCodec(cluster: cluster(), node: two)

    /// A frame around any bytes, checksum and all.
    private func frame(payload: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        let start = sender.openFrame(to: two, in: &buffer)
        buffer.writeBytes(payload)
        sender.closeFrame(startingAt: start, in: &buffer)
        return buffer
    }

    /// The bytes of one section.
    private func section(kind: UInt8, body: [UInt8], announced: UInt32? = nil) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(kind, 7 as UInt32, announced ?? UInt32(body.count), endianness: .little)
        return Array(buffer.readableBytesView) + body
    }

    private func number(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    private let prefix = [UInt8](repeating: 0, count: 40)

    @Test func randomPayloadsNeverTrap() {
        var maker = MessageMaker(seed: 3)
        for _ in 0..<1000 {
            #expect(throws: WireError.self) { try receiver.sections(in: frame(payload: maker.bytes(120) + [0xFF])) }
        }
    }

    @Test(arguments: Array(1...13) + Array(32...37) + Array(64...66) as [UInt8]) func randomBodiesNeverTrap(kind: UInt8) throws {
        var maker = MessageMaker(seed: UInt64(kind))
        for _ in 0..<500 {
            // Whatever is accepted must be writable again.
            if let sections = try? receiver.sections(in: frame(payload: section(kind: kind, body: maker.bytes(120)))) {
                #expect(try receiver.sections(in: sender.frame(of: sections)) == sections)
            }
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func messagesWithAnyByteChangedNeverTrap(seed: UInt64) throws {
        var maker = MessageMaker(seed: seed)
        for section in maker.sections() {
            var payload = Array(sender.frame(of: [section]).readableBytesView.dropFirst(FrameHeader.byteCount))
            for index in payload.indices {
                let byte = payload[index]
                payload[index] = UInt8(truncatingIfNeeded: maker.word())
                if let changed = try? receiver.sections(in: frame(payload: payload)) {
                    #expect(try receiver.sections(in: sender.frame(of: changed)) == changed, "seed \(seed)")
                }
                payload[index] = byte
            }
        }
    }

    @Test func aKindThatNobodyKnowsIsRefused() {
        #expect(throws: WireError.malformed("section of kind 99")) {
            try receiver.sections(in: frame(payload: section(kind: 99, body: [])))
        }
    }

    @Test func aSectionLongerThanItsFrameIsRefused() {
        #expect(throws: WireError.truncated) {
            try receiver.sections(in: frame(payload: section(kind: 66, body: number(1 as UInt64), announced: .max)))
        }
    }

    @Test func bytesAfterAMessageAreRefused() {
        #expect(throws: WireError.malformed("bytes after the end of a message")) {
            try receiver.sections(in: frame(payload: section(kind: 66, body: number(1 as UInt64) + [0])))
        }
    }

    @Test func hugeCountsAreRefusedBeforeMemoryIsSetAside() {
        let ballot = number(1 as UInt64) + number(1 as UInt16)
        let slot = number(1 as UInt64)
        let huge = number(UInt32.max)
        let bodies: [(UInt8, [UInt8])] = [
            (1, prefix + [0, 0] + huge), (5, prefix + ballot + slot + number(0 as UInt16) + number(1 as UInt16) + huge),
            (7, prefix + ballot + slot + slot + slot + huge), (12, prefix + slot + slot + huge), (32, slot + slot + huge),
            (7, prefix + ballot + slot + slot + slot + number(1 as UInt32) + slot + [1] + huge),
        ]
        for (kind, body) in bodies {
            #expect(throws: WireError.truncated, "kind \(kind)") {
                try receiver.sections(in: frame(payload: section(kind: kind, body: body)))
            }
        }
    }

    @Test func numbersThatWouldOverflowTheCoreAreRefused() {
        for large in [UInt64(1) << 60 + 1, UInt64.max] {
            let fetch = prefix + number(large) + number(1 as UInt64)
            #expect(throws: WireError.malformed("number out of range")) {
                try receiver.sections(in: frame(payload: section(kind: 11, body: fetch)))
            }
        }
    }

    @Test func membersOutOfOrderAreRefused() {
        let member = number(3 as UInt16) + number(1 as UInt64) + [1]
        let origin = number(7 as UInt64) + number(9 as UInt64)
        let body = prefix + [0, 0] + origin + number(2 as UInt32) + member + member
        #expect(throws: WireError.malformed("members out of order")) {
            try receiver.sections(in: frame(payload: section(kind: 1, body: body)))
        }
    }

    @Test func aFlagIsZeroOrOne() {
        let body = prefix + number(1 as UInt64) + number(1 as UInt16) + number(1 as UInt64) + [2]
        #expect(throws: WireError.malformed("a flag that is neither 0 nor 1")) {
            try receiver.sections(in: frame(payload: section(kind: 8, body: body)))
        }
    }
}
