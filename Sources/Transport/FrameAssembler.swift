import NIOCore
import Wire

/// Puts a stream's frames together. It holds what has come of one frame, never room for what was only announced, and refuses
/// a frame by its header before the payload has come.
struct FrameAssembler {
    private let codec: FrameCodec
    private let frameByteCountMax: Int
    private var pending = ByteBuffer()

    init(codec: FrameCodec, frameByteCountMax: Int) {
        self.codec = codec
        self.frameByteCountMax = frameByteCountMax
    }

    mutating func append(_ bytes: ByteBuffer) {
        guard pending.readableBytes > 0 else {
            pending = bytes
            return
        }
        var bytes = bytes
        pending.discardReadBytes()
        pending.writeBuffer(&bytes)
    }

    /// Nil until the next frame has come whole. After an error the stream can't be followed any further.
    mutating func next() throws(WireError) -> Frame? {
        guard pending.readableBytes >= FrameHeader.byteCount else { return nil }
        let header = try codec.header(of: pending, frameByteCountMax: frameByteCountMax)
        guard pending.readableBytes >= header.frameByteCount else { return nil }
        return try codec.readFrame(from: &pending, header: header)
    }
}
