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

        let value = [UInt8](repeating: 7, count: 1 << 20)
        let pipeline = request([Array("SET".utf8), [1], value]) + (0..<20).flatMap { _ in request([Array("GET".utf8), [1]]) }
        let received = try await converse(pipeline + request("QUIT"), port: port)
        #expect(received.count == 5 + 20 * (10 + value.count + 2) + 5)
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
