import Gateway
import NIOCore
import NIOPosix
import Sharding
import Testing

/// Over real sockets on 127.0.0.1.
@Suite struct GatewayServerTests {
    private func makeServer(on eventLoop: any EventLoop, port: Int) -> GatewayServer {
        GatewayServer(
            Gateway(
                eventLoop: eventLoop, service: ScriptedService(), settings: ClusterSettings(),
                address: Address(host: "127.0.0.1", port: port), version: "0.1.0", wallClockMicroseconds: { 0 }))
    }

    /// Sends, then reads until the server closes.
    private func converse(_ bytes: [UInt8], port: Int) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { input, output in
            try await output.write(ByteBuffer(bytes: bytes))
            var received: [UInt8] = []
            for try await buffer in input { received += buffer.readableBytesView }
            return received
        }
    }

    @Test func clientsAreServedOverSocketsAndAStopEnds() async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let bound = try await eventLoop.flatSubmit {
            let server = makeServer(on: eventLoop, port: 0)
            let bound = NIOLoopBound(server, eventLoop: eventLoop)
            return server.start().map { bound }
        }.get()
        let port = try await eventLoop.submit { bound.value.gateway.address.port }.get()
        #expect(port != 0)

        // More than a socket holds, and each reply another: none may overtake the rest of one that had to wait.
        let values = (UInt8(0)..<8).map { [UInt8](repeating: $0, count: 100_000 << (Int($0) % 4)) }
        let writes = values.enumerated().flatMap { request([Array("SET".utf8), [UInt8($0.offset)], $0.element]) }
        let order = (0..<40).map { $0 * 3 % 8 }
        let reads = order.flatMap { request([Array("GET".utf8), [UInt8($0)]]) }
        let replies = order.flatMap { Array("$\(values[$0].count)\r\n".utf8) + values[$0] + Array("\r\n".utf8) }
        let received = try await converse(writes + reads + request("QUIT"), port: port)
        let oks = values.flatMap { _ in Array("+OK\r\n".utf8) }
        #expect(received.count == oks.count + replies.count + 5)
        // Not compared in the expectation, which would look for the difference.
        let isInOrder = received == oks + replies + Array("+OK\r\n".utf8)
        #expect(isInOrder)
        #expect(
            try await converse(Array("*1\r\n$2147483648\r\n".utf8), port: port)
                == Array("-ERR Protocol error: invalid bulk length\r\n".utf8))

        let failure = await #expect(throws: GatewayError.self) {
            try await eventLoop.flatSubmit { makeServer(on: eventLoop, port: port).start() }.get()
        }
        #expect(failure?.description == "client port 127.0.0.1:\(port) is in use by another process")

        try await eventLoop.flatSubmit { bound.value.stop() }.get()
        await #expect(throws: (any Error).self) { try await converse(request("QUIT"), port: port) }
    }
}
