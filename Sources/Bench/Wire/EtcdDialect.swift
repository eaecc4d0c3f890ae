/// etcd's HTTP/JSON gateway: a POST for each request, one at a time on a connection.
package struct EtcdDialect {
    private let putHead: [UInt8]
    private let rangeHead: [UInt8]
    private let keyField = Array("\r\n\r\n{\"key\":\"".utf8)
    private let valueField = Array("\",\"value\":\"".utf8)
    private let close = Array("\"}".utf8)

    /// Of `{"key":"` and `"}`.
    private static let bracketBytes = 10

    package init(_ host: String) {
        putHead = Self.head("/v3/kv/put", host)
        rangeHead = Self.head("/v3/kv/range", host)
    }

    private static func head(_ path: String, _ host: String) -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: ".utf8)
    }

    func writeSet(_ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        let length = Self.bracketBytes + valueField.count + Base64.length(key.count) + Base64.length(value.count)
        queue.append(putHead)
        append(length, to: &queue)
        queue.append(keyField)
        Base64.append(key, to: &queue)
        queue.append(valueField)
        Base64.append(value, to: &queue)
        queue.append(close)
    }

    /// Linearizable, as etcd reads unless told otherwise.
    func writeGet(_ key: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        queue.append(rangeHead)
        append(Self.bracketBytes + Base64.length(key.count), to: &queue)
        queue.append(keyField)
        Base64.append(key, to: &queue)
        queue.append(close)
    }

    private func append(_ number: Int, to queue: inout ByteQueue) {
        let digits = Decimal.digitCount(number)
        Decimal.put(number, endingAt: digits, in: queue.room(digits))
        queue.commit(digits)
    }

    func reply(in bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (reply: Reply, end: Int)? {
        guard let (status, body, end) = try HTTPResponse.read(bytes) else { return nil }
        guard status == 200 else { return (.failure(Self.failure(status, bytes, body)), end) }
        // A put, or a range without the key.
        guard let value = Self.text(of: Self.valueName, in: bytes, body) else { return (.done, end) }
        return (.value(value), end)
    }

    /// Every error of etcd may hide a write that happened: its time-outs say so, and others come too late to tell.
    private static func failure(_ status: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ body: Range<Int>) -> Reply.Failure {
        let text = text(of: messageName, in: bytes, body).map { String(decoding: bytes[$0], as: UTF8.self) }
        let message = text?.split(separator: ":").last.map { $0.drop { $0 == " " } }
        return Reply.Failure(code: message.map(String.init) ?? "HTTP \(status)", isIndefinite: true)
    }

    private static let valueName = Array("\"value\":\"".utf8)
    private static let messageName = Array("\"message\":\"".utf8)
    private static let quote = Array("\"".utf8)

    /// Where the text of a field of JSON's is.
    private static func text(of name: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, _ body: Range<Int>) -> Range<Int>? {
        guard let field = ByteSearch.first(name, in: bytes, from: body.lowerBound, to: body.upperBound) else { return nil }
        let end = ByteSearch.first(quote, in: bytes, from: field.upperBound, to: body.upperBound)
        return field.upperBound..<(end?.lowerBound ?? body.upperBound)
    }
}

enum HTTPResponse {
    private static let headBytesMax = 65_536

    /// Status, where the body is, and where the response ends; nil while it is not whole.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (status: Int, body: Range<Int>, end: Int)? {
        guard let head = ByteSearch.first(headEnd, in: bytes, from: 0, to: bytes.count) else {
            guard bytes.count < headBytesMax else { throw MalformedReply(bytes) }
            return nil
        }
        // HTTP/1.1 200 OK
        guard head.lowerBound >= 12, bytes[..<7].elementsEqual(version), let status = Decimal.value(bytes[9..<12]) else {
            throw MalformedReply(bytes)
        }
        if let field = ByteSearch.first(lengthField, in: bytes, from: 0, to: head.lowerBound) {
            let digits = bytes[field.upperBound..<head.lowerBound].prefix { $0 != UInt8(ascii: "\r") }
            guard let length = Decimal.value(digits), (0...bodyBytesMax).contains(length) else { throw MalformedReply(bytes) }
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
        while let line = ByteSearch.first(lineEnd, in: bytes, from: place, to: bytes.count) {
            let digits = String(decoding: bytes[place..<line.lowerBound], as: UTF8.self)
            guard let length = Int(digits, radix: 16), (0...bodyBytesMax).contains(length) else { throw MalformedReply(bytes) }
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
        while let line = ByteSearch.first(lineEnd, in: bytes, from: place, to: bytes.count) {
            if line.lowerBound == place { return line.upperBound }
            place = line.upperBound
        }
        return nil
    }

    private static let version = Array("HTTP/1.".utf8)
    private static let lengthField = Array("\r\nContent-Length: ".utf8)
    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)
    private static let bodyBytesMax = 1 << 30
}
