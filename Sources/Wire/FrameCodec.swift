package import NIOCore
package import Paxos
package import Sharding

/// Writes one node's frames, and tells which of the frames that reach it are meant for it, and come from a node that it knows.
package struct FrameCodec: Sendable {
    package let node: NodeID
    private let cluster: UInt64
    /// By place in the cluster file, from 1; what stands at 0 is nobody's.
    private let names: [UInt32]

    package init(cluster: ClusterDescription, node: NodeID) {
        invariant(
            cluster.nodes.enumerated().allSatisfy { Int($1.id.rawValue) == $0 + 1 }, "a node's id is its place in the cluster file")
        invariant(cluster.node(node) != nil, "a node's frames carry the name that the cluster file gives it")
        self.node = node
        self.cluster = Self.checksum(of: cluster)
        names = [0] + cluster.nodes.map { UInt32(truncatingIfNeeded: Checksum.of(Array($0.name.utf8))) }
    }

    /// Nodes that take a key for another shard's must not speak to each other: each would answer from its own.
    private static func checksum(of cluster: ClusterDescription) -> UInt64 {
        let lines = [cluster.name] + cluster.shards.map { "\($0.name): \($0.keys.text)" }
        return Checksum.of(Array(lines.joined(separator: "\n").utf8))
    }

    /// Makes room for a header; sections follow, then `closeFrame` with the index that this returns.
    package func openFrame(to receiver: NodeID, in buffer: inout ByteBuffer) -> Int {
        let start = buffer.writerIndex
        buffer.writeMultipleIntegers(
            FrameHeader.magic, FrameHeader.version, 0 as UInt8, node.rawValue, receiver.rawValue, names[Int(node.rawValue)], 0 as UInt32,
            cluster, 0 as UInt64, endianness: .little)
        return start
    }

    package func closeFrame(startingAt start: Int, in buffer: inout ByteBuffer) {
        let end = buffer.writerIndex
        buffer.setInteger(UInt32(end - start - FrameHeader.byteCount), at: start + FrameHeader.lengthOffset, endianness: .little)
        let checksum = Self.checksum(of: buffer, frameAt: start, byteCount: end - start)
        buffer.setInteger(checksum, at: start + FrameHeader.checksumOffset, endianness: .little)
    }

    /// Looks at the header that the buffer begins with, which must be there whole, and refuses what is not for this node:
    /// on a stream, before anything is set aside for the payload.
    package func header(of buffer: ByteBuffer, frameByteCountMax: Int) throws(WireError) -> FrameHeader {
        let header = try FrameHeader(peeking: buffer)
        guard header.cluster == cluster else { throw .foreignCluster }
        let place = Int(header.sender.rawValue)
        guard place > 0, place < names.count, header.sender != node else { throw .unknownSender(header.sender) }
        guard header.senderName == names[place] else { throw .misnamedSender(header.sender) }
        guard header.receiver == node else { throw .misaddressed(to: header.receiver) }
        guard header.frameByteCount <= frameByteCountMax else { throw .tooLarge(byteCount: header.frameByteCount) }
        return header
    }

    /// Takes one frame from the buffer. On an error the buffer is as it was.
    package func readFrame(from buffer: inout ByteBuffer, header: FrameHeader) throws(WireError) -> Frame {
        guard buffer.readableBytes >= header.frameByteCount else { throw .truncated }
        let checksum = Self.checksum(of: buffer, frameAt: buffer.readerIndex, byteCount: header.frameByteCount)
        guard checksum == header.checksum else { throw .checksum }
        buffer.moveReaderIndex(forwardBy: FrameHeader.byteCount)
        guard let sections = buffer.readSlice(length: header.payloadByteCount) else { throw .truncated }
        return Frame(sender: header.sender, receiver: header.receiver, sections: sections)
    }

    /// A datagram is one frame and nothing else.
    package func frame(datagram: ByteBuffer) throws(WireError) -> Frame {
        var buffer = datagram
        let header = try header(of: buffer, frameByteCountMax: .max)
        let frame = try readFrame(from: &buffer, header: header)
        guard buffer.readableBytes == 0 else { throw .malformed("bytes after the frame") }
        return frame
    }

    /// Over the header without its own checksum, and over the payload.
    private static func checksum(of buffer: ByteBuffer, frameAt start: Int, byteCount: Int) -> UInt64 {
        let offset = start - buffer.readerIndex
        return buffer.withUnsafeReadableBytes { bytes in
            let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + FrameHeader.checksumOffset])
            let payload = UnsafeRawBufferPointer(rebasing: bytes[offset + FrameHeader.byteCount..<offset + byteCount])
            return Checksum.of(payload, seed: Checksum.of(header))
        }
    }
}
