import KeyValue
import NIOCore
package import Paxos

/// A frame whose header and checksum have been found right. Its sections are decoded as they are asked for.
package struct Frame {
    package let sender: NodeID
    package let receiver: NodeID
    private var sections: ByteBuffer

    init(sender: NodeID, receiver: NodeID, sections: ByteBuffer) {
        self.sender = sender
        self.receiver = receiver
        self.sections = sections
    }

    /// Nil at the end. After an error there is nothing more to be had from this frame.
    package mutating func nextSection() throws(WireError) -> Section? {
        guard sections.readableBytes > 0 else { return nil }
        guard
            let (number, shard, length) = sections.readMultipleIntegers(endianness: .little, as: (UInt8, UInt32, UInt32).self),
            let body = sections.readSlice(length: Int(length))
        else { throw .truncated }
        var reader = BodyReader(body)
        let section = try decode(number, ShardID(rawValue: shard), &reader)
        try reader.finish()
        return section
    }

    private func decode(_ number: UInt8, _ shard: ShardID, _ reader: inout BodyReader) throws(WireError) -> Section {
        if let kind = ReplicaKind(rawValue: number) {
            return .envelope(try Envelope(kind: kind, from: sender, to: receiver, reader: &reader), shard)
        }
        if let kind = ServiceKind(rawValue: number) { return .service(try ServiceMessage(kind: kind, from: &reader), shard) }
        if let kind = LinkKind(rawValue: number) { return .link(try LinkMessage(kind: kind, from: &reader)) }
        throw .malformed("section of kind \(number)")
    }
}
