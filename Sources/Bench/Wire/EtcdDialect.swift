/// etcd's HTTP/JSON gateway: a POST for each request, one at a time on a connection.
package struct EtcdDialect {
    private let host: String

    package init(_ host: String) { self.host = host }

    func writeSet(_ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        let length = 21 + Base64.length(key.count) + Base64.length(value.count)
        queue.append(head("/v3/kv/put", length))
        queue.append(Array("{\"key\":\"".utf8))
        Base64.append(key, to: &queue)
        queue.append(Array("\",\"value\":\"".utf8))
        Base64.append(value, to: &queue)
        queue.append(Array("\"}".utf8))
    }

    /// Linearizable, as etcd reads unless told otherwise.
    func writeGet(_ key: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        queue.append(head("/v3/kv/range", 10 + Base64.length(key.count)))
        queue.append(Array("{\"key\":\"".utf8))
        Base64.append(key, to: &queue)
        queue.append(Array("\"}".utf8))
    }

    private func head(_ path: String, _ length: Int) -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\r\n".utf8)
    }

    func reply(in bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (reply: Reply, end: Int)? {
        guard let (status, body, end) = try HTTPResponse.read(bytes) else { return nil }
        guard status == 200 else { return (.failure(Self.failure(status, bytes[body])), end) }
        // A put, or a range without the key.
        guard let value = Self.field("\"value\":\"", in: bytes[body]) else { return (.done, end) }
        let close = bytes[value...].firstIndex(of: UInt8(ascii: "\"")) ?? end
        return (.value(value..<close), end)
    }

    /// Every error of etcd may hide a write that happened: its time-outs say so, and others come too late to tell.
    private static func failure(_ status: Int, _ body: Slice<UnsafeBufferPointer<UInt8>>) -> Reply.Failure {
        let text = field("\"message\":\"", in: body).map { start in
            String(decoding: body[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        }
        let message = text?.split(separator: ":").last.map { $0.drop { $0 == " " } }
        return Reply.Failure(code: message.map(String.init) ?? "HTTP \(status)", isIndefinite: true)
    }

    /// Where a name of JSON's ends.
    private static func field(_ name: String, in bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        bytes.firstRange(of: Array(name.utf8))?.upperBound
    }
}

enum HTTPResponse {
    private static let headBytesMax = 65_536

    /// Status, where the body is, and where the response ends; nil while it is not whole.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (status: Int, body: Range<Int>, end: Int)? {
        guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            guard bytes.count < headBytesMax else { throw MalformedReply(bytes) }
            return nil
        }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw MalformedReply(bytes) }
        for line in lines.dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-length" else { continue }
            guard let length = Int(field[1].drop { $0 == " " }), length >= 0 else { throw MalformedReply(bytes) }
            let end = head.upperBound + length
            return bytes.count < end ? nil : (status, head.upperBound..<end, end)
        }
        return try chunked(bytes, from: head.upperBound, status)
    }

    /// A body in chunks, with fields behind the last: the first chunk is taken for it, since larger bodies are not asked for here.
    private static func chunked(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ status: Int
    ) throws(MalformedReply) -> (status: Int, body: Range<Int>, end: Int)? {
        var body: Range<Int>?
        var place = start
        while let line = bytes[place...].firstRange(of: lineEnd) {
            let digits = String(decoding: bytes[place..<line.lowerBound], as: UTF8.self)
            guard let length = Int(digits, radix: 16), (0...chunkBytesMax).contains(length) else { throw MalformedReply(bytes) }
            if length == 0 { return trailer(bytes, from: line.upperBound).map { (status, body ?? start..<start, $0) } }
            body = body ?? line.upperBound..<line.upperBound + length
            place = line.upperBound + length + lineEnd.count
            guard place <= bytes.count else { return nil }
        }
        return nil
    }

    /// Where the fields behind the last chunk end.
    private static func trailer(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var place = start
        while let line = bytes[place...].firstRange(of: lineEnd) {
            if line.lowerBound == place { return line.upperBound }
            place = line.upperBound
        }
        return nil
    }

    private static let lineEnd = Array("\r\n".utf8)
    private static let chunkBytesMax = 1 << 30
}
