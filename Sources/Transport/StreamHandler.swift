import NIOCore
import Paxos
import Wire

/// What a connection's bytes are told to. Calls come on the event loop.
protocol StreamDelegate: AnyObject {
    func streamOpened(_ stream: StreamHandler)
    func stream(_ stream: StreamHandler, received frame: inout Frame) throws(WireError)
    func stream(_ stream: StreamHandler, failed error: WireError)
    /// Called once, for every stream that was opened.
    func streamClosed(_ stream: StreamHandler)
    func streamRead(byteCount: Int)
}

/// One TCP connection, of either direction: takes frames apart from the bytes, and ends at the first that is none.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Kept until the channel lets go of this handler.
    private let delegate: any StreamDelegate
    private var assembler: FrameAssembler
    private(set) var channel: (any Channel)?
    /// When the connection was made, or its last valid frame came.
    private(set) var lastHeard: NIODeadline
    private(set) var hasValidFrame = false

    init(delegate: any StreamDelegate, assembler: FrameAssembler) {
        self.delegate = delegate
        self.assembler = assembler
        lastHeard = .now()
    }

    func close() { channel?.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        lastHeard = .now()
        delegate.streamOpened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard channel != nil else { return }
        channel = nil
        delegate.streamClosed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Bytes behind an error are not looked at.
        guard context.channel.isActive else { return }
        let bytes = unwrapInboundIn(data)
        delegate.streamRead(byteCount: bytes.readableBytes)
        assembler.append(bytes)
        do throws(WireError) {
            while var frame = try assembler.next() {
                try delegate.stream(self, received: &frame)
                hasValidFrame = true
                lastHeard = .now()
            }
        } catch {
            delegate.stream(self, failed: error)
            context.close(promise: nil)
        }
    }

    /// The socket is gone or going; `channelInactive` says so.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
