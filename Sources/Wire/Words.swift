import NIOCore
import Paxos

// The words that messages are made of: slot u64 · ballot = round u64, node u16 · instant and span u64 (nanoseconds) ·
// optional = u8 (0 or 1), then the value where 1 · acknowledgement = ballot, slot.

extension Slot: WireCoded {
    func write(to bytes: inout ByteBuffer) { bytes.writeLittle(rawValue) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(try reader.number()) }
}

extension NodeID: WireCoded {
    func write(to bytes: inout ByteBuffer) { bytes.writeLittle(rawValue) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(rawValue: try reader.integer()) }
}

extension Ballot: WireCoded {
    static let byteCount = 10

    func write(to bytes: inout ByteBuffer) {
        bytes.writeLittle(round)
        node.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(round: try reader.number(), node: try NodeID(from: &reader))
    }
}

extension Stamp: WireCoded {
    func write(to bytes: inout ByteBuffer) { bytes.writeLittle(rawValue) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(rawValue: try reader.number()) }
}

extension Instant: WireCoded {
    func write(to bytes: inout ByteBuffer) { bytes.writeLittle(nanoseconds) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(nanoseconds: Int64(try reader.number())) }
}

extension Span: WireCoded {
    func write(to bytes: inout ByteBuffer) { bytes.writeLittle(nanoseconds) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(nanoseconds: Int64(try reader.number())) }
}

extension Acknowledgement: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        upTo.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(ballot: try Ballot(from: &reader), upTo: try Slot(from: &reader))
    }
}

extension Optional where Wrapped: WireCoded {
    func writeOptional(to bytes: inout ByteBuffer) {
        bytes.writeFlag(self != nil)
        self?.write(to: &bytes)
    }

    static func readOptional(from reader: inout BodyReader) throws(WireError) -> Wrapped? {
        try reader.flag() ? try Wrapped(from: &reader) : nil
    }
}
