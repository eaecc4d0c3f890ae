package import NIOCore
import NIOPosix
import Sharding

/// Accepts clients and serves them, all on one event loop. Every call is made on that event loop.
package final class GatewayServer {
    package let gateway: Gateway
    private let address: Address
    private let eventLoop: any EventLoop
    private var serverChannel: (any Channel)?
    private var stopped: EventLoopPromise<Void>?

    /// The gateway's `address` is the one to bind; port 0 takes any, and `gateway.address` says which.
    package init(_ gateway: Gateway) {
        self.gateway = gateway
        address = gateway.address
        eventLoop = gateway.eventLoop
    }

    /// Fails with `GatewayError` where the port can't be had.
    package func start() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        let shared = NIOLoopBound(gateway, eventLoop: eventLoop)
        let address = address
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // A client that has sent its last request and shut down its side still gets its replies.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: gateway.limits.heldOutputBytes / 2, high: gateway.limits.heldOutputBytes)
            )
            // Each client a little at a time: requests that one has sent ahead keep nobody waiting for long. What is left is announced again.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.readByteCount))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(gateway: shared.value))
                }
            }
            .bind(host: address.host, port: address.port)
            .flatMapErrorThrowing { throw GatewayError(address: address, cause: $0) }
            .assumeIsolated()
            .map { [self] channel in
                serverChannel = channel
                gateway.address = Address(host: address.host, port: channel.localAddress?.port ?? address.port)
            }
            .nonisolated()
    }

    private static let readByteCount = 4096

    /// Accepts no more, takes no further request, lets outstanding replies go out (for at most `limits.stopTime`), and closes.
    package func stop() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        if let stopped { return stopped.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        stopped = promise
        let gateway = gateway
        let deadline = eventLoop.assumeIsolated().scheduleTask(in: gateway.limits.stopTime) {
            for handler in gateway.connections { handler.closeNow() }
        }
        let finishIfEmpty = {
            guard gateway.connectedClients == 0 else { return }
            deadline.cancel()
            promise.succeed()
        }
        let accepting = serverChannel?.close() ?? eventLoop.makeSucceededVoidFuture()
        accepting.assumeIsolated().whenComplete { _ in
            gateway.connectionEnded = finishIfEmpty
            for handler in gateway.connections { handler.stop() }
            finishIfEmpty()
        }
        return promise.futureResult
    }
}

/// The port for clients can't be had.
package struct GatewayError: Error, CustomStringConvertible {
    package let description: String

    init(address: Address, cause: any Error) {
        switch cause {
        case let error as IOError where error.errnoCode == EADDRINUSE: description = "client port \(address) is in use by another process"
        case let error as IOError: description = "client port \(address) can't be opened: \(String(cString: strerror(error.errnoCode)))"
        default: description = "client port \(address) can't be opened: \(cause)"
        }
    }
}
