import NIOCore
import Paxos
import Wire

/// Frames of one peer on their way to its stream: what this turn has gathered, or what waits for a connection.
struct StreamQueue {
    private let codec: FrameCodec
    private let peer: NodeID
    private let limits: TransportLimits
    private var buffer = ByteBuffer()
    /// What is in `buffer` has been handed over: to be cleared when it is needed again, once the socket has let go of it.
    private var isSent = false
    private var openFrame: Int?
    private var frameCount: UInt64 = 0
    private(set) var messageCount: UInt64 = 0

    init(codec: FrameCodec, peer: NodeID, limits: TransportLimits) {
        self.codec = codec
        self.peer = peer
        self.limits = limits
    }

    var byteCount: Int { isSent ? 0 : buffer.readableBytes }

    /// False where the message is longer than any may be; nothing is appended then.
    mutating func append(_ write: (inout ByteBuffer) -> Void) -> Bool {
        guard place(write) else { return false }
        messageCount += 1
        return true
    }

    /// Counts as no message, so that counters tell what replicas and clients say.
    mutating func append(_ message: LinkMessage) { _ = place { $0.writeSection(message) } }

    private mutating func place(_ write: (inout ByteBuffer) -> Void) -> Bool {
        if isSent { clear() }
        let frame = openFrame ?? codec.openFrame(to: peer, in: &buffer)
        openFrame = frame
        let start = buffer.writerIndex
        write(&buffer)
        guard buffer.writerIndex - start <= limits.messageByteCountMax else {
            buffer.moveWriterIndex(to: start)
            return false
        }
        if buffer.writerIndex - frame >= limits.frameByteCountAim { close() }
        return true
    }

    /// Hands over everything; returns what it was.
    mutating func drain(_ send: (ByteBuffer) -> Void) -> (frames: UInt64, bytes: Int) {
        close()
        let drained = (frames: frameCount, bytes: byteCount)
        if drained.bytes > 0 { send(buffer) }
        isSent = true
        frameCount = 0
        messageCount = 0
        return drained
    }

    /// Forgets everything; returns how many messages it was.
    mutating func discard() -> UInt64 {
        defer {
            openFrame = nil
            frameCount = 0
            messageCount = 0
            clear()
        }
        return messageCount
    }

    private mutating func close() {
        guard let frame = openFrame else { return }
        codec.closeFrame(startingAt: frame, in: &buffer)
        frameCount += 1
        openFrame = nil
    }

    private mutating func clear() {
        // Memory of an ordinary size serves again; that of a burst is given back.
        if buffer.capacity <= 2 * limits.frameByteCountAim { buffer.clear() } else { buffer = ByteBuffer() }
        isSent = false
    }
}
