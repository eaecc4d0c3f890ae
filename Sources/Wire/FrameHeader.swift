import NIOCore
import Paxos

/// What every frame begins with, the same in a datagram and on a stream. Little-endian:
///
///     offset  size
///          0     4  magic: "DCRE"
///          4     1  protocol version
///          5     1  flags: 0; bit 0 is kept for authentication
///          6     2  sender, by its place in the cluster file
///          8     2  receiver
///         10     4  hash of the sender's name
///         14     4  length of the payload
///         18     8  checksum of the cluster's name and shards
///         26     8  checksum over bytes 0 to 25 and the payload
///         34        payload: sections
package struct FrameHeader: Hashable, Sendable {
    package static let byteCount = 34
    /// Raised whenever a node of the older version would misread a frame of the newer.
    package static let version: UInt8 = 3

    static let magic: UInt32 = 0x4552_4344
    static let lengthOffset = 14
    static let checksumOffset = 26

    let sender: NodeID
    let receiver: NodeID
    let senderName: UInt32
    package let payloadByteCount: Int
    let cluster: UInt64
    let checksum: UInt64

    package var frameByteCount: Int { Self.byteCount + payloadByteCount }

    /// Looks at the buffer's first bytes without taking them.
    init(peeking buffer: ByteBuffer) throws(WireError) {
        var rest = buffer
        guard let magic = rest.readInteger(endianness: .little, as: UInt32.self) else { throw .truncated }
        guard magic == Self.magic else { throw .notOurs }
        guard let version = rest.readInteger(as: UInt8.self) else { throw .truncated }
        guard version == Self.version else { throw .version(theirs: version, ours: Self.version) }
        guard
            let (flags, sender, receiver) = rest.readMultipleIntegers(endianness: .little, as: (UInt8, UInt16, UInt16).self),
            let (name, length) = rest.readMultipleIntegers(endianness: .little, as: (UInt32, UInt32).self),
            let (cluster, checksum) = rest.readMultipleIntegers(endianness: .little, as: (UInt64, UInt64).self)
        else { throw .truncated }
        guard flags == 0 else { throw .flags(flags) }
        self.sender = NodeID(rawValue: sender)
        self.receiver = NodeID(rawValue: receiver)
        senderName = name
        payloadByteCount = Int(length)
        self.cluster = cluster
        self.checksum = checksum
    }
}
