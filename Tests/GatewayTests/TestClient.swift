import Gateway
import NIOCore
import NIOEmbedded
import Sharding

/// A client at the other end of an embedded channel.
final class TestClient {
    let service: ScriptedService
    let gateway: Gateway
    let channel: EmbeddedChannel

    init(limits: GatewayLimits = GatewayLimits(), settings: ClusterSettings = ClusterSettings()) throws {
        let service = ScriptedService()
        let loop = EmbeddedEventLoop()
        gateway = Gateway(
            eventLoop: loop, service: service, settings: settings, limits: limits, address: Address(host: "127.0.0.1", port: 7001),
            version: "0.1.0", wallClockMicroseconds: { 1_700_000_000_000_042 })
        self.service = service
        channel = try Self.connect(to: gateway, on: loop)
    }

    /// Another client of the same gateway.
    init(beside other: TestClient) throws {
        service = other.service
        gateway = other.gateway
        channel = try Self.connect(to: gateway, on: other.channel.embeddedEventLoop)
    }

    private static func connect(to gateway: Gateway, on loop: EmbeddedEventLoop) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ClientHandler(gateway: gateway), loop: loop)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 50_000), promise: nil)
        loop.run()
        return channel
    }

    var isConnected: Bool { channel.isActive }

    func send(_ bytes: some Sequence<UInt8>) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// What the gateway has sent since the last call.
    func received() throws -> String { String(decoding: try receivedBytes(), as: UTF8.self) }

    func receivedBytes() throws -> [UInt8] {
        channel.embeddedEventLoop.run()
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// The replies to a command given as words.
    func ask(_ words: String...) throws -> String {
        try send(request(words))
        return try received()
    }
}

/// A command in RESP's array form.
func request(_ words: [String]) -> [UInt8] { request(words.map { Array($0.utf8) }) }

func request(_ words: String...) -> [UInt8] { request(words) }

func request(_ words: [[UInt8]]) -> [UInt8] {
    words.reduce(Array("*\(words.count)\r\n".utf8)) { $0 + Array("$\($1.count)\r\n".utf8) + $1 + Array("\r\n".utf8) }
}
