import NIOCore
import NIOPosix

/// What a node's datagram socket is told to. Calls come on the event loop.
protocol DatagramDelegate: AnyObject {
    func received(datagram: ByteBuffer)
    func datagramErrorCaught()
    func datagramSocketClosed()
}

final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// Kept until the channel lets go of this handler.
    private let delegate: any DatagramDelegate

    init(delegate: any DatagramDelegate) { self.delegate = delegate }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { delegate.received(datagram: unwrapInboundIn(data).data) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { delegate.datagramErrorCaught() }

    func channelInactive(context: ChannelHandlerContext) { delegate.datagramSocketClosed() }
}

/// The node's one datagram socket.
enum DatagramSocket {
    /// Datagrams read with one system call.
    private static let readCount = 32
    /// Room for each; a longer one is cut off, and fails its checksum.
    private static let readByteCount = 2048
    /// Bursts of many shards must not be lost for want of room in the kernel.
    private static let socketByteCount = 4 << 20

    static func bind(
        host: String, port: Int, eventLoop: any EventLoop, handler: @escaping @Sendable () -> DatagramHandler
    ) -> EventLoopFuture<any Channel> {
        DatagramBootstrap(group: eventLoop)
            .channelOption(.datagramVectorReadMessageCount, value: readCount)
            // Of such calls: a second one would nearly always find nothing. What is left is announced again.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readCount * readByteCount))
            .channelOption(.socketOption(.so_rcvbuf), value: socketByteCount)
            .channelOption(.socketOption(.so_sndbuf), value: socketByteCount)
            .channelOption(.writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 20, high: 4 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler()) }
            }
            .bind(host: host, port: port)
    }
}
