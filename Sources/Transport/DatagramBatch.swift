import NIOCore
import Paxos
import Wire

/// One peer's small messages of one turn, of all shards, in as few datagrams as hold them.
struct DatagramBatch {
    private let codec: FrameCodec
    private let peer: NodeID
    private let byteCountMax: Int
    private let allocator = ByteBufferAllocator()
    /// Full, and closed.
    private var closed: [ByteBuffer] = []
    /// Still open; empty where nothing has been appended in this turn. Its memory serves again once it has been sent.
    private var current: ByteBuffer
    /// What is in `current` has been handed over: to be cleared when it is needed again, once the socket has let go of it.
    private var isSent = false

    init(codec: FrameCodec, peer: NodeID, byteCountMax: Int) {
        self.codec = codec
        self.peer = peer
        self.byteCountMax = byteCountMax
        current = allocator.buffer(capacity: 2 * byteCountMax)
    }

    /// False where the message fits no datagram; nothing is appended then.
    mutating func append(_ envelope: Envelope, shard: ShardID) -> Bool {
        guard envelope.message.entryByteCount < byteCountMax else { return false }
        let start = open()
        current.writeSection(envelope, shard: shard)
        return settle(sectionAt: start)
    }

    mutating func append(_ message: LinkMessage) -> Bool {
        let start = open()
        current.writeSection(message)
        return settle(sectionAt: start)
    }

    /// Hands over the closed datagrams, and forgets them.
    mutating func drain(_ send: (ByteBuffer) -> Void) {
        for datagram in closed { send(datagram) }
        closed.removeAll(keepingCapacity: true)
        guard !isSent, current.readableBytes > FrameHeader.byteCount else { return }
        codec.closeFrame(startingAt: 0, in: &current)
        send(current)
        isSent = true
    }

    /// Where the next section starts.
    private mutating func open() -> Int {
        if isSent {
            current.clear()
            isSent = false
        }
        if current.readableBytes == 0 { _ = codec.openFrame(to: peer, in: &current) }
        return current.writerIndex
    }

    /// Keeps the section where it is, moves it into the next datagram, or takes it out.
    private mutating func settle(sectionAt start: Int) -> Bool {
        guard current.writerIndex > byteCountMax else { return true }
        let byteCount = current.writerIndex - start
        var next: ByteBuffer?
        if FrameHeader.byteCount + byteCount <= byteCountMax {
            var buffer = allocator.buffer(capacity: 2 * byteCountMax)
            _ = codec.openFrame(to: peer, in: &buffer)
            current.withUnsafeReadableBytes { _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            next = buffer
        }
        current.moveWriterIndex(to: start)
        guard let next else { return false }
        codec.closeFrame(startingAt: 0, in: &current)
        closed.append(current)
        current = next
        return true
    }
}
