import NIOCore
import NIOPosix
import Paxos
import Sharding
import Wire

/// What a connection reports.
protocol PeerConnectionDelegate: AnyObject {
    /// `address` is what the peer's name has resolved to.
    func connectionOpened(address: SocketAddress?)
    func connectionLost()
}

/// This node's stream to one peer: dialled here, used for this side's sending only (the other side dials its own).
/// The peer sends back nothing but echoes, which tell a peer that is there from one that has silently gone.
final class PeerConnection {
    private enum State {
        case idle
        case dialling
        case waiting(Scheduled<Void>)
        case open(StreamHandler)
        case stopped
    }

    private let peer: NodeID
    private let address: Address
    private let codec: FrameCodec
    private let limits: TransportLimits
    private let eventLoop: any EventLoop
    private let counts: CounterBox
    private weak var delegate: (any PeerConnectionDelegate)?

    private var state = State.idle
    private var queue: StreamQueue
    private var backoff: Backoff
    /// What the channel still held when it was last asked.
    private var channelByteCount = 0
    /// When the peer last echoed, or took bytes.
    private var lastSign = NIODeadline.now()
    private var probeNumber = UInt64.random(in: 0...UInt64.max)
    private var hasBeenOpen = false
    private(set) var messagesSent: UInt64 = 0
    /// The peer's process, and not only its kernel, has answered on this connection.
    private(set) var isAnswering = false

    init(
        peer: NodeID, address: Address, codec: FrameCodec, limits: TransportLimits, eventLoop: any EventLoop, counts: CounterBox,
        delegate: any PeerConnectionDelegate
    ) {
        self.peer = peer
        self.address = address
        self.codec = codec
        self.limits = limits
        self.eventLoop = eventLoop
        self.counts = counts
        self.delegate = delegate
        queue = StreamQueue(codec: codec, peer: peer, limits: limits)
        backoff = Backoff(min: limits.backoffMin, max: limits.backoffMax)
    }

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// Bytes that wait here and in the channel.
    var queueByteCount: Int { queue.byteCount + channelByteCount }

    /// Goes with the next `flush`. Dropped and counted where the queue is full.
    func send(_ write: (inout ByteBuffer) -> Void) {
        guard !isStopped else { return }
        if queueByteCount >= limits.queueByteCountMax { channelByteCount = bufferedInChannel() }
        guard queueByteCount < limits.queueByteCountMax else {
            counts.value.queueDropped += 1
            return
        }
        guard queue.append(write) else {
            counts.value.oversizeDropped += 1
            return
        }
    }

    func flush() {
        guard case .open(let stream) = state, let channel = stream.channel, queue.byteCount > 0 else { return }
        messagesSent += queue.messageCount
        let drained = queue.drain { channel.writeAndFlush($0, promise: nil) }
        counts.value.framesSent += drained.frames
        counts.value.streamBytesSent += UInt64(drained.bytes)
        channelByteCount = bufferedInChannel()
    }

    /// Every probe interval: asks for an echo, and gives a silent connection up.
    func tick(at now: NIODeadline) {
        guard case .open(let stream) = state else { return }
        let buffered = bufferedInChannel()
        if buffered < channelByteCount { lastSign = now }
        channelByteCount = buffered
        if now - lastSign > limits.streamSilenceMax {
            stream.close()
        } else {
            probe()
        }
    }

    func start() { dial() }

    func stop() {
        let previous = state
        state = .stopped
        _ = queue.discard()
        switch previous {
        case .waiting(let timer): timer.cancel()
        case .open(let stream): stream.close()
        case .idle, .dialling, .stopped: break
        }
    }

    // MARK: Dialling

    private func dial() {
        state = .dialling
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(limits.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = bound.value
                    let assembler = FrameAssembler(codec: connection.codec, frameByteCountMax: connection.limits.datagramByteCountMax)
                    try channel.pipeline.syncOperations.addHandler(StreamHandler(delegate: connection, assembler: assembler))
                }
            }
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenFailure { [weak self] _ in self?.dialFailed() }
    }

    private func dialFailed() {
        // What has waited for this attempt is old by now: Paxos sends again what still matters.
        counts.value.queueDropped += queue.discard()
        wait()
    }

    private func wait() {
        guard !isStopped else { return }
        var generator = SystemRandomNumberGenerator()
        let timer = eventLoop.assumeIsolated().scheduleTask(in: backoff.wait(using: &generator)) { [weak self] in
            guard let self, !self.isStopped else { return }
            self.dial()
        }
        state = .waiting(timer)
    }

    private var isStopped: Bool {
        if case .stopped = state { true } else { false }
    }

    private func bufferedInChannel() -> Int {
        guard case .open(let stream) = state else { return 0 }
        // A channel that can't say holds nothing: it is closed.
        return (try? stream.channel?.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func probe() {
        probeNumber &+= 1
        queue.append(LinkMessage.probe(number: probeNumber, padding: 0))
        flush()
    }
}

extension PeerConnection: StreamDelegate {
    func streamOpened(_ stream: StreamHandler) {
        // Of a name's several addresses, two may answer at once: the first one stays.
        guard !isStopped, !isOpen else { return stream.close() }
        state = .open(stream)
        if hasBeenOpen { counts.value.reconnects += 1 }
        hasBeenOpen = true
        isAnswering = false
        channelByteCount = 0
        lastSign = .now()
        delegate?.connectionOpened(address: stream.channel?.remoteAddress)
        greet(stream)
        probe()
    }

    /// Before everything that waits, so that the peer knows at once who is there.
    private func greet(_ stream: StreamHandler) {
        guard let channel = stream.channel else { return }
        var buffer = channel.allocator.buffer(capacity: 64)
        let start = codec.openFrame(to: peer, in: &buffer)
        buffer.writeSection(LinkMessage.greeting)
        codec.closeFrame(startingAt: start, in: &buffer)
        counts.value.framesSent += 1
        counts.value.streamBytesSent += UInt64(buffer.readableBytes)
        channel.write(buffer, promise: nil)
    }

    func stream(_ stream: StreamHandler, received frame: inout Frame) throws(WireError) {
        guard frame.sender == peer else { throw .unknownSender(frame.sender) }
        while let section = try frame.nextSection() {
            guard case .link(.echo(let number)) = section else { throw .malformed("only echoes come back on a connection") }
            guard number == probeNumber || number == probeNumber &- 1 else { continue }
            lastSign = .now()
            isAnswering = true
            backoff.reset()
        }
    }

    func stream(_ stream: StreamHandler, failed error: WireError) { counts.drop(error, "\(address) answered with \(error)") }

    func streamRead(byteCount: Int) { counts.value.streamBytesReceived += UInt64(byteCount) }

    func streamClosed(_ stream: StreamHandler) {
        guard case .open(let current) = state, current === stream else { return }
        isAnswering = false
        channelByteCount = 0
        wait()
        delegate?.connectionLost()
    }
}
