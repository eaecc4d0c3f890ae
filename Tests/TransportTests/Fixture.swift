import Dispatch
import Glibc
import KeyValue
import NIOCore
import NIOPosix
import Paxos
import Replica
import Sharding
import Synchronization
import Testing
import Transport
import Wire

let shard = ShardID(rawValue: 5)

func id(_ number: Int) -> NodeID { NodeID(rawValue: UInt16(number)) }

/// What one transport has been told, readable from any thread.
final class Inbox: Sendable {
    struct Contents {
        var envelopes: [Envelope] = []
        var services: [ServiceMessage] = []
        var lines: [String] = []
    }

    private let contents = Mutex(Contents())
    /// Called with each line, on the transport's event loop.
    let onLine = Mutex<(@Sendable () -> Void)?>(nil)

    var envelopes: [Envelope] { contents.withLock { $0.envelopes } }
    var services: [ServiceMessage] { contents.withLock { $0.services } }
    var lines: [String] { contents.withLock { $0.lines } }

    var handlers: TransportHandlers {
        TransportHandlers(
            onEnvelope: { envelope, _ in self.contents.withLock { $0.envelopes.append(envelope) } },
            onService: { message, _, _ in self.contents.withLock { $0.services.append(message) } },
            log: { line in
                self.contents.withLock { $0.lines.append(line) }
                self.onLine.withLock { $0 }?()
            })
    }
}

/// A transport on an event loop of its own.
final class RunningNode: Sendable {
    let node: NodeID
    let inbox = Inbox()
    private let transport: NIOLoopBound<PeerTransport>
    private let eventLoop: any EventLoop

    init(_ description: ClusterDescription, _ node: NodeID, on eventLoop: any EventLoop, limits: TransportLimits = .quick) async throws {
        self.node = node
        self.eventLoop = eventLoop
        let inbox = inbox
        transport = try await eventLoop.submit {
            NIOLoopBound(
                PeerTransport(description: description, node: node, eventLoop: eventLoop, limits: limits, handlers: inbox.handlers),
                eventLoop: eventLoop)
        }.get()
        try await eventLoop.flatSubmit { [transport] in transport.value.start() }.get()
    }

    func on<Value: Sendable>(_ work: @escaping @Sendable (PeerTransport) -> Value) async throws -> Value {
        try await eventLoop.submit { [transport] in work(transport.value) }.get()
    }

    func stop() async throws { try await eventLoop.flatSubmit { [transport] in transport.value.stop() }.get() }

    /// Stops in the event loop's next tasks.
    func stopSoon() { eventLoop.execute { [transport] in _ = transport.value.stop() } }

    /// The event loop does nothing until the body has ended, and finds then in one look at its sockets what has happened there.
    func whileHeld(_ body: () async throws -> Void) async throws {
        let end = DispatchSemaphore(value: 0)
        eventLoop.execute { end.wait() }
        defer { end.signal() }
        try await body()
    }

    func send(_ message: Message, to receiver: NodeID) async throws {
        let envelope = Envelope(from: party(node), to: party(receiver), configuration: 1, message: message)
        try await on { $0.send(envelope, shard: shard) }
    }

    func status(of peer: NodeID) async throws -> PeerStatus {
        try #require(try await on { $0.status() }.first { $0.node == peer })
    }

    var counters: TransportCounters { get async throws { try await on { $0.counters } } }

    private func party(_ node: NodeID) -> Party { Party(node: node, incarnation: Incarnation(rawValue: 1), boot: Boot(rawValue: 1)) }
}

extension TransportLimits {
    /// Fast probes, so that tests need not wait for them.
    static var quick: TransportLimits {
        var limits = TransportLimits()
        limits.probeInterval = .milliseconds(20)
        limits.backoffMin = .milliseconds(5)
        limits.backoffMax = .milliseconds(50)
        return limits
    }
}

/// Ports of this target alone, below those that the kernel hands out to clients: no other test takes one between the look and the use.
private enum TestPorts {
    private static let range = 30_000..<32_700
    private static let last = Mutex(Int.random(in: range))

    static func next() throws -> Int {
        for _ in range {
            let port = last.withLock { last in
                last = last + 1 < range.upperBound ? last + 1 : range.lowerBound
                return last
            }
            if isFree(port, SOCK_STREAM), isFree(port, SOCK_DGRAM) { return port }
        }
        throw NoPort()
    }

    /// The socket is not inherited by a program that another test starts meanwhile: it would keep the port.
    private static func isFree(_ port: Int, _ kind: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private struct NoPort: Error {}
}

/// A cluster on free ports of the loopback interface.
func loopbackCluster(
    nodes count: Int = 2, transport: ClusterSettings.Transport = .udp, host: String = "127.0.0.1"
) async throws -> ClusterDescription {
    var ports: [Int] = []
    while ports.count < count { ports.append(try TestPorts.next()) }
    var settings = ClusterSettings()
    settings.transport = transport
    let nodes = ports.enumerated().map { index, port in
        let address = Address(host: host, port: port)
        return NodeDescription(
            id: id(index + 1), name: "node\(index + 1)", datacenter: "here", peer: address, client: address, http: nil)
    }
    return ClusterDescription(name: "test", nodes: nodes, shards: [], settings: settings)
}

/// Asks again until the condition holds; fails after a deadline that only a broken transport reaches.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        // Before the look: on a machine with much to do, the look itself may take longer than the deadline.
        let isLast = ContinuousClock.now > deadline
        if try await condition() { return }
        guard !isLast else {
            Issue.record("never happened: \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// A socket of somebody who speaks no protocol, or the wrong one.
struct Stranger {
    let stream: any Channel

    static func connect(to address: Address) async throws -> Stranger {
        Stranger(
            stream: try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connect(host: address.host, port: address.port)
                .get())
    }

    /// The connection may be gone before all is written; whether it is, is what the test asks next.
    func write(_ bytes: ByteBuffer) async { try? await stream.writeAndFlush(bytes) }

    static func sendDatagram(_ bytes: ByteBuffer, to address: Address) async throws {
        let socket = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: "127.0.0.1", port: 0).get()
        let remote = try SocketAddress(ipAddress: address.host, port: address.port)
        try await socket.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: bytes))
        try await socket.close()
    }
}

extension FrameCodec {
    func frame(to receiver: NodeID, _ message: LinkMessage = .greeting) -> ByteBuffer {
        var buffer = ByteBuffer()
        let start = openFrame(to: receiver, in: &buffer)
        buffer.writeSection(message)
        closeFrame(startingAt: start, in: &buffer)
        return buffer
    }
}
