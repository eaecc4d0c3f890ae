package import NIOCore
package import KeyValue
package import Paxos

/// One message in a frame. On the wire: kind u8, shard u32, length of the body u32, body.
package enum Section: Hashable, Sendable {
    case envelope(Envelope, ShardID)
    case service(ServiceMessage, ShardID)
    case link(LinkMessage)

    /// Before the body.
    package static let headerByteCount = 9
}

extension ByteBuffer {
    package mutating func writeSection(_ envelope: Envelope, shard: ShardID) {
        let start = openSection(envelope.message.kind.rawValue, shard: shard)
        envelope.write(to: &self)
        closeSection(startingAt: start)
    }

    package mutating func writeSection(_ body: ServiceMessage, shard: ShardID) {
        let start = openSection(body.kind.rawValue, shard: shard)
        body.write(to: &self)
        closeSection(startingAt: start)
    }

    package mutating func writeSection(_ message: LinkMessage) {
        let start = openSection(message.kind.rawValue, shard: ShardID(rawValue: 0))
        message.write(to: &self)
        closeSection(startingAt: start)
    }

    private mutating func openSection(_ kind: UInt8, shard: ShardID) -> Int {
        let start = writerIndex
        writeMultipleIntegers(kind, shard.rawValue, 0 as UInt32, endianness: .little)
        return start
    }

    private mutating func closeSection(startingAt start: Int) {
        let length = writerIndex - start - Section.headerByteCount
        setInteger(UInt32(length), at: start + 5, endianness: .little)
    }
}
