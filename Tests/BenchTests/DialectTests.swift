import Bench
import Testing

@Suite("Requests and replies on the wire")
struct DialectTests {
    let redis = Dialect.redis(RedisDialect())
    let etcd = Dialect.etcd(EtcdDialect("127.0.0.1:2379"))

    @Test("A SET and a GET are written as Redis reads them")
    func redisRequests() {
        #expect(written(redis, .set, "a1", "value") == "*3\r\n$3\r\nSET\r\n$2\r\na1\r\n$5\r\nvalue\r\n")
        #expect(written(redis, .get, "a1", "") == "*2\r\n$3\r\nGET\r\n$2\r\na1\r\n")
    }

    @Test("WAIT follows each SET, so it has two replies")
    func wait() {
        let waiting = Dialect.redis(RedisDialect(waitFor: 1))
        #expect(written(waiting, .set, "a", "").hasSuffix("$0\r\n\r\n*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$1\r\n0\r\n"))
    }

    @Test(
        "Each kind of reply is told apart, and ends where it ends",
        arguments: [
            ("+OK\r\n", Reply.done), (":12\r\n", .integer(12)), (":-3\r\n", .integer(-3)), ("$-1\r\n", .absent), ("_\r\n", .absent),
            ("$3\r\na\r\n\r\n", .value(4..<7)), ("$0\r\n\r\n", .value(4..<4)),
            ("-BUSY too many\r\n", .failure(.init(code: "BUSY", isIndefinite: false))),
            ("-INDETERMINATE no answer\r\n", .failure(.init(code: "INDETERMINATE", isIndefinite: true))),
        ])
    func redisReplies(text: String, reply: Reply) throws {
        let (found, end) = try #require(try read(redis, text + "+NEXT\r\n"))
        #expect(found == reply)
        #expect(end == text.utf8.count)
        for length in 0..<text.utf8.count { #expect(try read(redis, text, length) == nil) }
    }

    @Test("What is no reply is refused with its beginning")
    func malformed() {
        #expect(throws: MalformedReply.self) { try read(redis, "HTTP/1.1 400 Bad Request\r\n") }
        #expect(throws: MalformedReply.self) { try read(redis, ":12x\r\n") }
        #expect(throws: MalformedReply.self) { try read(etcd, "+OK\r\n\r\n") }
    }

    @Test("etcd's gateway has keys and values in base 64")
    func etcdRequests() {
        let body = #"{"key":"YTE=","value":"dmFsdWU="}"#
        let text = written(etcd, .set, "a1", "value")
        #expect(text.hasPrefix("POST /v3/kv/put HTTP/1.1\r\n"))
        #expect(text.hasSuffix("\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"))
        let range = written(etcd, .get, "a1", "")
        #expect(range.hasPrefix("POST /v3/kv/range HTTP/1.1\r\n"))
        #expect(range.hasSuffix("\r\nContent-Length: 14\r\n\r\n{\"key\":\"YTE=\"}"))
    }

    @Test("etcd's answers: a put, a value, no value, an error")
    func etcdReplies() throws {
        let found = #"{"header":{"revision":"2"},"kvs":[{"key":"YTE=","value":"dmFsdWU="}],"count":"1"}"#
        let text = response(200, found)
        let (reply, end) = try #require(try read(etcd, text + "HTTP"))
        #expect(end == text.utf8.count)
        guard case .value(let place) = reply else {
            Issue.record("no value: \(reply)")
            return
        }
        #expect(Array(text.utf8)[place].elementsEqual("dmFsdWU=".utf8))
        #expect(try read(etcd, response(200, #"{"header":{}}"#))?.reply == .done)
        let failure = #"{"error":"x","message":"etcdserver: request timed out","code":14}"#
        #expect(try read(etcd, response(503, failure))?.reply == .failure(.init(code: "request timed out", isIndefinite: true)))
        for length in 0..<text.utf8.count { #expect(try read(etcd, text, length) == nil) }
    }

    @Test("A body in chunks is read like one with its length", arguments: ["", "Grpc-Trailer-Content-Type: application/grpc\r\n"])
    func chunked(trailer: String) throws {
        let body = #"{"message":"etcdserver: no leader"}"#
        let size = String(body.utf8.count, radix: 16)
        let text = "HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\(trailer)\r\n"
        let (reply, end) = try #require(try read(etcd, text))
        #expect(reply == .failure(.init(code: "no leader", isIndefinite: true)))
        #expect(end == text.utf8.count)
        for length in 0..<text.utf8.count { #expect(try read(etcd, text, length) == nil) }
    }

    @Test("Base 64 there and back, whatever the length", arguments: 0..<8)
    func base64(length: Int) throws {
        let value = String("\u{1}~?>xyz ".prefix(length))
        let text = written(etcd, .set, "k", value)
        let start = try #require(text.firstRange(of: #""value":""#)).upperBound
        let encoded = Array(text[start...].prefix { $0 != "\"" }.utf8)
        let decoded = encoded.withUnsafeBufferPointer { etcd.decoded($0) }
        #expect(decoded.elementsEqual(value.utf8))
    }

    private func response(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func written(_ dialect: Dialect, _ request: Request, _ key: String, _ value: String) -> String {
        var queue = ByteQueue(capacity: 1)
        let (key, value) = (Array(key.utf8), Array(value.utf8))
        key.withUnsafeBufferPointer { key in
            value.withUnsafeBufferPointer { dialect.write(request, key: key, value: $0, into: &queue) }
        }
        return String(decoding: queue.bytes, as: UTF8.self)
    }

    private func read(_ dialect: Dialect, _ text: String, _ length: Int = .max) throws -> (reply: Reply, end: Int)? {
        try Array(text.utf8.prefix(length)).withUnsafeBufferPointer { try dialect.reply(in: $0) }
    }
}
