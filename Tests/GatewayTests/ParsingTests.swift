import Gateway
import KeyValue
import NIOCore
import NIOEmbedded
import Replica
import Sharding
import Testing

/// SplitMix64: the same numbers from the same seed.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct ParsingTests {
    private static let pipeline: [UInt8] =
        request("SET", "a", "1") + request("get", "a") + Array("PING\r\n\r\nECHO \"a b\\x41\"\n".utf8) + Array("*0\r\n".utf8)
        + request("SET", "empty", "") + request("GET", "empty") + request([Array("SET".utf8), [13, 10, 0, 255], [13, 10]])
        + request([Array("GET".utf8), [13, 10, 0, 255]]) + Array("mget 'a' empty\r\n".utf8) + request("QUIT")

    private static let replies =
        "+OK\r\n$1\r\n1\r\n+PONG\r\n$4\r\na bA\r\n+OK\r\n$0\r\n\r\n+OK\r\n$2\r\n\r\n\r\n*2\r\n$1\r\n1\r\n$0\r\n\r\n+OK\r\n"

    @Test func aPipelineCutAnywhereGetsTheSameReplies() throws {
        for cut in 0...Self.pipeline.count {
            let client = try TestClient()
            try client.send(Self.pipeline[..<cut])
            let first = try client.received()
            if client.isConnected { try client.send(Self.pipeline[cut...]) }
            #expect(try first + client.received() == Self.replies, "cut at \(cut)")
            #expect(!client.isConnected)
        }
    }

    @Test func aPipelineThatComesByteByByteGetsTheSameReplies() throws {
        let client = try TestClient()
        for byte in Self.pipeline { try client.send([byte]) }
        #expect(try client.received() == Self.replies)
    }

    /// Described by its error alone: some are long.
    struct Garbage: Sendable, CustomTestStringConvertible {
        let bytes: String
        let error: String

        init(_ bytes: String, _ error: String) {
            self.bytes = bytes
            self.error = error
        }

        var testDescription: String { error }
    }

    static let garbage = [
        Garbage("*1\r\n$2147483648\r\n", "invalid bulk length"),
        Garbage("*1\r\n$-1\r\n", "invalid bulk length"),
        Garbage("*1\r\n$abc\r\n", "invalid bulk length"),
        Garbage("*1\r\n$+3\r\n", "invalid bulk length"),
        Garbage("*1\r\n$99999999999999999999999\r\n", "invalid bulk length"),
        Garbage("*2147483648\r\n", "invalid multibulk length"),
        Garbage("*1048577\r\n", "invalid multibulk length"),
        Garbage("*x\r\n", "invalid multibulk length"),
        Garbage("*\r\n", "invalid multibulk length"),
        Garbage("*1\rx", "invalid multibulk length"),
        Garbage("*1\r\n:1\r\n", "expected '$', got ':'"),
        Garbage("*1\r\n\r\n", "expected '$', got ' '"),
        Garbage("*1\r\n$4\r\nPINGxx", "expected CRLF after a bulk string"),
        Garbage("*" + String(repeating: "1", count: 100), "too big mbulk count string"),
        Garbage("*1\r\n$" + String(repeating: "1", count: 100), "too big bulk count string"),
        Garbage("GET \"a\r\n", "unbalanced quotes in request"),
        Garbage("GET 'a'b\r\n", "unbalanced quotes in request"),
        Garbage("GET " + String(repeating: "a", count: 70_000), "too big inline request"),
        Garbage(
            "*2\r\n$40000000\r\n" + String(repeating: "a", count: 40_000_000) + "\r\n$40000000\r\n", "request of more than 67108864 bytes"),
    ]

    @Test(arguments: garbage) func garbageGetsRedissErrorAndIsClosed(garbage: Garbage) throws {
        let client = try TestClient()
        try client.send("PING\r\n" + garbage.bytes)
        #expect(try client.received() == "+PONG\r\n-ERR Protocol error: \(garbage.error)\r\n")
        #expect(!client.isConnected)
        #expect(client.gateway.counters.protocolErrors == 1)
    }

    @Test func negativeAndEmptyArraysAreNothing() throws {
        let client = try TestClient()
        try client.send("*-1\r\n*0\r\n\r\n   \r\nPING\r\n")
        #expect(try client.received() == "+PONG\r\n")
    }

    @Test func aLongKeyOrValueIsRefusedAndTheConnectionGoesOn() throws {
        let client = try TestClient()
        let key = String(repeating: "k", count: 4096)
        let value = String(repeating: "v", count: 1_048_576)
        #expect(try client.ask("SET", key, value) == "+OK\r\n")
        #expect(
            try client.ask("SET", "a", value + value) == "-ERR value of 2097152 bytes is over the limit of 1048576 (value-bytes)\r\n")
        #expect(try client.ask("GET", key + "k") == "-ERR key of 4097 bytes is over the limit of 4096 (key-bytes)\r\n")
        #expect(try client.ask("PING") == "+PONG\r\n")
    }

    @Test func aWriteThatNoMessageCouldCarryIsRefusedAndTheConnectionGoesOn() throws {
        var limits = GatewayLimits()
        limits.commandBytesMax = 100
        let client = try TestClient(limits: limits)
        let half = String(repeating: "v", count: 50)
        let refusal = { (count: Int) in "-ERR a write of \(count) bytes is over the limit of 100: split it\r\n" }
        #expect(try client.ask("MSET", "a", half) == "+OK\r\n")
        #expect(try client.ask("MSET", "a", half, "b", half) == refusal(121))
        #expect(try client.ask("DEL", half, half + half) == refusal(161))
        #expect(try client.ask("GET", "b") == "$-1\r\n")
    }

    @Test func aReadThatNoMessageCouldCarryIsRefusedAndTheConnectionGoesOn() throws {
        var limits = GatewayLimits()
        limits.commandBytesMax = 100
        let client = try TestClient(limits: limits)
        let half = String(repeating: "k", count: 50)
        let refusal = { (count: Int) in "-ERR a read of \(count) bytes is over the limit of 100: split it\r\n" }
        #expect(try client.ask("MGET", half) == "*1\r\n$-1\r\n")
        #expect(try client.ask("MGET", half, half) == refusal(111))
        #expect(try client.ask("EXISTS", half, half) == refusal(111))
        #expect(try client.ask("SCAN", "0", "MATCH", half + half + "*") == refusal(101))
        #expect(try client.ask("GET", "b") == "$-1\r\n")
    }

    @Test func unfinishedRequestsOfAllClientsHaveABound() throws {
        var limits = GatewayLimits()
        limits.unfinishedBytesMax = 300_000
        let first = try TestClient(limits: limits)
        let second = try TestClient(beside: first)
        let half = Array("*2\r\n$4\r\nECHO\r\n$1000000\r\n".utf8) + [UInt8](repeating: 1, count: 200_000)
        try first.send(half)
        #expect(try first.received() == "")
        try second.send(half)
        #expect(try second.received() == "-BUSY unfinished requests of all clients take more than 300000 bytes\r\n")
        #expect(!second.isConnected)
        try first.send([UInt8](repeating: 1, count: 800_000) + [13, 10])
        #expect(try first.receivedBytes().count == 1_000_012)
    }

    @Test func aBrowserIsHungUpOn() throws {
        let client = try TestClient()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\n\r\nSET a 1\r\n")
        #expect(try client.received() == "")
        #expect(!client.isConnected)
        #expect(client.service.requests.isEmpty)
    }

    @Test(arguments: UInt64(1)...40) func randomBytesNeverTrapAndAlwaysEndInRepliesOrErrors(seed: UInt64) throws {
        var random = Generator(state: seed)
        let pieces: [[UInt8]] = [
            Array("*3\r\n".utf8), Array("$3\r\n".utf8), Array("SET".utf8), Array("\r\n".utf8), Array("*-1\r\n".utf8),
            Array("get a\r\n".utf8),
            Array("$0\r\n\r\n".utf8), Array("\"".utf8), request("GET", "a"), request("SET", "a", "b"), request("HELLO", "3"),
            request("INFO"),
            request("COMMAND"), request("MGET", "a", "b"), [0, 255, 42, 36], Array("*1048576\r\n".utf8), Array("$67108864\r\n".utf8),
        ]
        let model = try TestClient()
        for _ in 0..<60 {
            let client = try TestClient(beside: model)
            for _ in 0..<40 where client.isConnected {
                var bytes = pieces.randomElement(using: &random) ?? []
                if UInt8.random(in: 0..<4, using: &random) == 0, !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
                }
                try client.send(bytes)
            }
            let reply = try client.receivedBytes()
            #expect(reply.isEmpty || reply.suffix(2) == [13, 10], "seed \(seed)")
            if client.isConnected { try client.channel.close().wait() }
        }
        #expect(model.gateway.connectedClients == 1)
        #expect(try model.ask("PING") == "+PONG\r\n", "seed \(seed)")
    }
}
