import Gateway
import KeyValue
import NIOCore
import NIOEmbedded
import Replica
import Sharding
import Testing

@Suite struct PipelineTests {
    @Test func neighboursOfAKindGoTogetherAndAChangeOfKindWaits() throws {
        let client = try TestClient()
        let service = client.service
        service.answersAtOnce = false
        try client.send("SET a 1\r\nINCR a\r\nGET a\r\nMGET a b\r\nSET a 9\r\nPING\r\n")
        #expect(service.requests.count == 2, "both mutations, and no query before they are answered")
        service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(service.requests.count == 2)
        service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(service.requests.count == 4, "both queries, and not the mutation behind them")
        #expect(try client.received() == "+OK\r\n:2\r\n")
        service.answerAllBackwards()
        client.channel.embeddedEventLoop.run()
        #expect(service.requests.count == 5)
        service.answer()
        #expect(try client.received() == "$1\r\n2\r\n*2\r\n$1\r\n2\r\n$-1\r\n+OK\r\n+PONG\r\n")
    }

    @Test func repliesKeepTheOrderOfTheirRequests() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        try client.send((0..<30).flatMap { request("SET", "k\($0)", "\($0)") })
        client.service.answerAllBackwards()
        #expect(try client.received() == String(repeating: "+OK\r\n", count: 30))
        try client.send((0..<30).flatMap { request("GET", "k\($0)") + request("ECHO", "e\($0)") })
        client.service.answer(15)
        #expect(try client.received() == "", "nobody overtakes")
        client.service.answerAllBackwards()
        let expected = (0..<30).map { "$\("\($0)".count)\r\n\($0)\r\n$\("\($0)".count + 1)\r\ne\($0)\r\n" }.joined()
        #expect(try client.received() == expected)
    }

    @Test func aPipelinesRepliesLeaveInOneWrite() throws {
        let client = try TestClient()
        try client.send((0..<50).flatMap { request("SET", "k\($0)", "v") })
        let first = try client.channel.readOutbound(as: ByteBuffer.self)
        #expect(first?.readableBytes == 250)
        #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil)
        client.service.answersAtOnce = false
        try client.send((0..<50).flatMap { request("SET", "k\($0)", "v") })
        while client.service.waitingCount > 0 { client.service.answer() }
        client.channel.embeddedEventLoop.run()
        #expect(try client.channel.readOutbound(as: ByteBuffer.self)?.readableBytes == 250, "one tick's answers as well")
    }

    @Test func outstandingCommandsHaveABoundAndTheRestIsTakenLater() throws {
        var limits = GatewayLimits()
        limits.outstandingMax = 10
        let client = try TestClient(limits: limits)
        client.service.answersAtOnce = false
        try client.send((0..<25).flatMap { request("SET", "k\($0)", "v") })
        #expect(client.service.waitingCount == 10)
        client.service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(client.service.waitingCount == 10)
        while client.service.waitingCount > 0 {
            client.service.answerAllBackwards()
            client.channel.embeddedEventLoop.run()
        }
        #expect(client.service.requests.count == 25)
        #expect(try client.received() == String(repeating: "+OK\r\n", count: 25))
    }

    @Test func largeRepliesNarrowTheWindowAndNoReplyIsLost() throws {
        var limits = GatewayLimits()
        limits.outputBytesMax = 8 << 20
        let client = try TestClient(limits: limits)
        let value = String(repeating: "v", count: 1 << 20)
        #expect(try client.ask("SET", "a", value) == "+OK\r\n")
        client.service.answersAtOnce = false
        try client.send((0..<30).flatMap { _ in request("GET", "a") })
        #expect(client.service.waitingCount <= 9)
        var received = 0
        while client.service.waitingCount > 0 {
            client.service.answerAllBackwards()
            received += try client.receivedBytes().count
            #expect(client.service.waitingCount <= 9)
        }
        #expect(received == 30 * ((1 << 20) + 12))
    }

    @Test func aQueryWhoseReplyDoesNotFitIsToldSo() throws {
        var limits = GatewayLimits()
        limits.outputBytesMax = 1 << 20
        let client = try TestClient(limits: limits)
        _ = try client.ask("SET", "a", String(repeating: "v", count: 600_000))
        #expect(try client.ask("MGET", "a", "a").hasPrefix("-BUSY a reply of 1200"))
        #expect(try client.ask("STRLEN", "a") == ":600000\r\n")
    }
}

/// Counts the reads that reach the socket.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

@Suite struct BackpressureTests {
    private func countReads(of client: TestClient) throws -> ReadCounter {
        let counter = ReadCounter()
        try client.channel.pipeline.syncOperations.addHandler(counter, position: .first)
        return counter
    }

    private func setWritable(_ isWritable: Bool, _ client: TestClient) {
        client.channel.isWritable = isWritable
        client.channel.pipeline.fireChannelWritabilityChanged()
        client.channel.embeddedEventLoop.run()
    }

    @Test func aClientThatTakesNoRepliesIsNotReadFrom() throws {
        let client = try TestClient()
        let reads = try countReads(of: client)
        client.channel.read()
        #expect(reads.count == 1)
        setWritable(false, client)
        try client.send("PING\r\nSET a 1\r\n")
        #expect(client.service.requests.isEmpty)
        client.channel.read()
        #expect(reads.count == 1, "held back")
        setWritable(true, client)
        #expect(reads.count == 2, "and asked for again")
        #expect(try client.received() == "+PONG\r\n+OK\r\n")
    }

    @Test func aClientIsNotReadFromWhileMuchWaitsBehindACommand() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        let reads = try countReads(of: client)
        try client.send(request("SET", "a", "1") + request("GET", "a") + request("GET", String(repeating: "k", count: 4000)))
        client.channel.read()
        #expect(reads.count == 1, "little waits")
        try client.send((0..<20).flatMap { _ in request("GET", String(repeating: "k", count: 4000)) })
        client.channel.read()
        #expect(reads.count == 1, "much waits")
        client.service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(reads.count == 2)
    }

    @Test func aClientThatIsRefusedIsReadFromAMomentLater() throws {
        let client = try TestClient()
        let reads = try countReads(of: client)
        client.service.replies = [.failed(.busy("full")), .failed(.busy("full"))]
        try client.send("SET a 1\r\nSET a 2\r\n")
        client.channel.read()
        #expect(try client.received() == "-BUSY full\r\n-BUSY full\r\n")
        #expect(reads.count == 0, "held back")
        client.channel.embeddedEventLoop.advanceTime(by: client.gateway.limits.refusedTime)
        #expect(reads.count == 1, "and asked for again, once")
    }

    @Test func aClientOfWhichSomethingIsTakenIsReadFromAtOnce() throws {
        let client = try TestClient()
        let reads = try countReads(of: client)
        client.service.replies = [.failed(.busy("full"))]
        try client.send("SET a 1\r\nSET b 2\r\n")
        client.channel.read()
        #expect(try client.received() == "-BUSY full\r\n+OK\r\n")
        #expect(reads.count == 1)
    }

    @Test func aClientThatTakesNothingForAMinuteIsClosed() throws {
        let client = try TestClient()
        setWritable(false, client)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        setWritable(true, client)
        setWritable(false, client)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(client.isConnected, "it took something meanwhile")
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!client.isConnected)
        #expect(client.gateway.counters.stalledConnections == 1)
    }

    @Test func aClientWithTooMuchOutputIsClosed() throws {
        var limits = GatewayLimits()
        limits.outputBytesMax = 21_000
        limits.heldOutputBytes = 1000
        let client = try TestClient(limits: limits, settings: Self.smallValues)
        let value = String(repeating: "v", count: 9000)
        _ = try client.ask("SET", "a", value)
        client.service.answersAtOnce = false
        // The window opens with small replies.
        for _ in 0..<20 {
            try client.send("INCR n\r\n")
            client.service.answer()
        }
        _ = try client.received()
        try client.send((0..<3).flatMap { _ in request("SET", "a", value, "GET") })
        #expect(client.service.waitingCount == 3)
        setWritable(false, client)
        client.service.answer()
        client.service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(client.isConnected)
        client.service.answer()
        client.channel.embeddedEventLoop.run()
        #expect(!client.isConnected)
        #expect(client.gateway.counters.stalledConnections == 1)
    }

    private static var smallValues: ClusterSettings {
        var settings = ClusterSettings()
        settings.valueBytesMax = 10_000
        return settings
    }

    @Test func aClientThatLeavesIsForgottenAndLateAnswersAreDropped() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        try client.send("GET a\r\nKEYS *\r\n")
        try client.channel.close().wait()
        #expect(client.gateway.connectedClients == 0)
        client.service.answerAllBackwards()
        #expect(client.service.waitingCount == 0)
    }

    @Test func aClientThatSendsNoMoreStillGetsItsReplies() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        try client.send("SET a 1\r\nGET a\r\n")
        client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(client.isConnected)
        client.service.answer()
        client.channel.embeddedEventLoop.run()
        client.service.answer()
        #expect(try client.received() == "+OK\r\n$1\r\n1\r\n")
        #expect(!client.isConnected)
    }

    @Test func oneClientTooManyIsToldSo() throws {
        var limits = GatewayLimits()
        limits.clientsMax = 1
        let first = try TestClient(limits: limits)
        let second = try TestClient(beside: first)
        #expect(try second.received() == "-ERR max number of clients reached\r\n")
        #expect(!second.isConnected)
        #expect(first.gateway.connectedClients == 1)
        try first.channel.close().wait()
        #expect(try TestClient(beside: first).ask("PING") == "+PONG\r\n")
    }

    @Test func aStopLetsOutstandingRepliesGoOutAndTakesNothingNew() throws {
        let client = try TestClient()
        let idle = try TestClient(beside: client)
        client.service.answersAtOnce = false
        try client.send("SET a 1\r\nGET a\r\n")
        var isStopped = false
        GatewayServer(client.gateway).stop().assumeIsolated().whenComplete { _ in isStopped = true }
        client.channel.embeddedEventLoop.run()
        #expect(!idle.isConnected)
        #expect(client.isConnected && !isStopped)
        client.service.answer()
        #expect(try client.received() == "+OK\r\n")
        #expect(!client.isConnected && isStopped)
        #expect(client.service.requests.count == 1, "the query behind it was not handed over")
    }

    @Test func aStopDoesNotWaitForever() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        try client.send("SET a 1\r\n")
        var isStopped = false
        GatewayServer(client.gateway).stop().assumeIsolated().whenComplete { _ in isStopped = true }
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(client.isConnected)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!client.isConnected && isStopped)
    }
}
