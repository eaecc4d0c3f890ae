package import KeyValue
package import NIOCore
import NIOPosix
package import Paxos
import Replica
package import Sharding
import Wire

/// What a transport tells its owner. All are called on the transport's event loop.
package struct TransportHandlers {
    package let onEnvelope: (Envelope, ShardID) -> Void
    package let onService: (ServiceMessage, NodeID, ShardID) -> Void
    /// One line, of a bounded rate where strangers cause it.
    package let log: (String) -> Void

    package init(
        onEnvelope: @escaping (Envelope, ShardID) -> Void, onService: @escaping (ServiceMessage, NodeID, ShardID) -> Void,
        log: @escaping (String) -> Void
    ) {
        self.onEnvelope = onEnvelope
        self.onService = onService
        self.log = log
    }
}

/// One node's way to its peers: a datagram socket for what is small and may be lost, and a stream to each peer for what is
/// large or must keep its order, and for everything where datagrams do not get through.
///
/// Confined to its event loop, which makes it, calls it, and is called by it. What one turn sends is gathered, and leaves together.
package final class PeerTransport: NetworkPort {
    let limits: TransportLimits
    let handlers: TransportHandlers
    let codec: FrameCodec
    let counts: CounterBox
    private let address: Address
    private let eventLoop: any EventLoop
    private let usesDatagrams: Bool

    /// By node id; nil at 0 and for this node.
    private(set) var links: [PeerLink?]
    /// Connections that others have dialled.
    var inbound: [ObjectIdentifier: StreamHandler] = [:]

    private var listener: (any Channel)?
    private var datagramSocket: (any Channel)?
    private var ticker: Scheduled<Void>?
    private var isFlushRequested = false
    private(set) var isStopped = false

    package init(
        description: ClusterDescription, node: NodeID, eventLoop: any EventLoop, limits: TransportLimits = TransportLimits(),
        handlers: TransportHandlers
    ) {
        eventLoop.preconditionInEventLoop()
        guard let own = description.node(node) else { fatalError("invariant violated: a transport's node stands in its cluster file") }
        self.limits = limits
        self.handlers = handlers
        self.eventLoop = eventLoop
        let codec = FrameCodec(cluster: description, node: node)
        let counts = CounterBox(log: handlers.log)
        let usesDatagrams = description.settings.transport == .udp
        self.codec = codec
        self.counts = counts
        self.usesDatagrams = usesDatagrams
        address = own.peer
        links =
            [nil]
            + description.nodes.map { peer in
                guard peer.id != node else { return nil }
                return PeerLink(
                    peer: peer, codec: codec, usesDatagrams: usesDatagrams, limits: limits, eventLoop: eventLoop, counts: counts)
            }
    }

    package var counters: TransportCounters { counts.value }

    /// In the cluster file's order.
    package func status() -> [PeerStatus] { links.compactMap { $0?.status } }

    // MARK: Sending

    package func send(_ envelope: Envelope, shard: ShardID) {
        invariant(envelope.from.node == codec.node, "a node speaks only for itself")
        link(to: envelope.to.node)?.send(envelope, shard: shard)
    }

    package func send(_ message: ServiceMessage, to node: NodeID, shard: ShardID) {
        link(to: node)?.send(message, shard: shard)
    }

    /// Sends what has been gathered. Happens by itself at the end of the event loop's turn.
    package func flush() {
        guard isFlushRequested else { return }
        isFlushRequested = false
        for link in links { link?.flush(socket: datagramSocket) }
        datagramSocket?.flush()
    }

    func requestFlush() {
        guard !isFlushRequested else { return }
        isFlushRequested = true
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func link(to node: NodeID) -> PeerLink? {
        invariant(node != codec.node, "messages to oneself are not the transport's business")
        // A session in the log may be of a node that this node's cluster file does not name.
        guard Int(node.rawValue) < links.count, node.rawValue > 0 else { return nil }
        requestFlush()
        return links[Int(node.rawValue)]
    }

    // MARK: Life

    /// Opens the ports and dials the peers; fails with a `TransportError` where a port can't be opened.
    package func start() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        let promise = eventLoop.makePromise(of: Void.self)
        listen().assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error): promise.fail(self.bindError(error, "TCP"))
            case .success(let channel):
                self.listener = channel
                self.openDatagramSocket(promise)
            }
        }
        return promise.futureResult
    }

    /// Closes everything; nothing is received after this returns, and the ports are free once the future completes.
    package func stop() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        isStopped = true
        ticker?.cancel()
        for link in links { link?.stop() }
        let channels = [listener, datagramSocket].compactMap { $0 } + inbound.values.compactMap(\.channel)
        let closed = channels.map { channel in
            channel.close(promise: nil)
            return channel.closeFuture
        }
        return EventLoopFuture.andAllComplete(closed, on: eventLoop)
    }

    private func listen() -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return ServerBootstrap(group: eventLoop, childGroup: eventLoop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: 256 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let transport = bound.value
                    let assembler = FrameAssembler(codec: transport.codec, frameByteCountMax: transport.limits.frameByteCountMax)
                    try channel.pipeline.syncOperations.addHandler(StreamHandler(delegate: transport, assembler: assembler))
                }
            }
            .bind(host: address.host, port: address.port)
    }

    private func openDatagramSocket(_ promise: EventLoopPromise<Void>) {
        guard usesDatagrams else { return opened(promise) }
        bindDatagrams().assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                self.listener?.close(promise: nil)
                promise.fail(self.bindError(error, "UDP"))
            case .success(let channel):
                self.datagramSocket = channel
                self.opened(promise)
            }
        }
    }

    private func bindDatagrams() -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return DatagramSocket.bind(host: address.host, port: address.port, eventLoop: eventLoop) { DatagramHandler(delegate: bound.value) }
    }

    private func opened(_ promise: EventLoopPromise<Void>) {
        guard !isStopped else {
            for channel in [listener, datagramSocket] { channel?.close(promise: nil) }
            return promise.fail(ChannelError.ioOnClosedChannel)
        }
        for link in links { link?.start() }
        tick()
        promise.succeed(())
    }

    private func bindError(_ error: any Error, _ name: String) -> TransportError {
        guard let error = error as? IOError else { return .cannotBind(address, networkProtocol: name, reason: "\(error)") }
        if error.errnoCode == EADDRINUSE { return .portInUse(address, networkProtocol: name) }
        return .cannotBind(address, networkProtocol: name, reason: String(cString: strerror(error.errnoCode)))
    }

    private func tick() {
        guard !isStopped else { return }
        let now = NIODeadline.now()
        for link in links { link?.tick(at: now) }
        closeSilentConnections(at: now)
        if usesDatagrams, datagramSocket == nil { reopenDatagramSocket() }
        requestFlush()
        ticker = eventLoop.assumeIsolated().scheduleTask(in: limits.probeInterval) { [weak self] in self?.tick() }
    }

    /// The kernel may take the socket away (a network that goes down): until it is back, everything goes by TCP.
    private func reopenDatagramSocket() {
        bindDatagrams().assumeIsolated().whenSuccess { channel in
            guard !self.isStopped, self.datagramSocket == nil else { return channel.close(promise: nil) }
            self.datagramSocket = channel
        }
    }

    func forgetDatagramSocket() {
        guard !isStopped else { return }
        datagramSocket = nil
        counts.value.sendErrors += 1
        counts.log("the datagram socket has closed; opening it again")
    }
}
