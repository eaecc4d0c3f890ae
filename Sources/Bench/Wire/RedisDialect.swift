import Glibc

/// RESP2, as every Redis, Valkey and Decree speaks it.
package struct RedisDialect {
    let isReadOnly: Bool
    /// Each SET is followed by `WAIT` for so many replicas; the two are one operation.
    let waitFor: Int
    private let setStart = Array("*3\r\n$3\r\nSET\r\n$".utf8)
    private let getStart = Array("*2\r\n$3\r\nGET\r\n$".utf8)
    private let wait: [UInt8]

    package init(isReadOnly: Bool = false, waitFor: Int = 0) {
        self.isReadOnly = isReadOnly
        self.waitFor = waitFor
        wait = waitFor > 0 ? Self.command(["WAIT", String(waitFor), "0"]) : []
    }

    static func command(_ words: [String]) -> [UInt8] {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words { bytes += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        return bytes
    }

    func writeSet(_ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        let room = queue.room(setStart.count + key.count + value.count + 2 * Self.lengthBytesMax + wait.count)
        var end = Self.put(setStart, into: room, at: 0)
        end = Self.put(key, into: room, at: end)
        room[end] = UInt8(ascii: "$")
        end = Self.put(value, into: room, at: end + 1)
        end = Self.put(wait, into: room, at: end)
        queue.commit(end)
    }

    func writeGet(_ key: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue) {
        let room = queue.room(getStart.count + key.count + Self.lengthBytesMax)
        queue.commit(Self.put(key, into: room, at: Self.put(getStart, into: room, at: 0)))
    }

    /// A length of up to twelve digits, its `$` and two line ends.
    private static let lengthBytesMax = 17

    private static func put(_ bytes: [UInt8], into room: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        for (offset, byte) in bytes.enumerated() { room[start + offset] = byte }
        return start + bytes.count
    }

    /// Length, line end, bytes, line end.
    private static func put(
        _ bytes: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Int {
        var end = start + Decimal.digitCount(bytes.count)
        Decimal.put(bytes.count, endingAt: end, in: room)
        end = putLineEnd(into: room, at: end)
        if let source = bytes.baseAddress, let target = room.baseAddress { memcpy(target + end, source, bytes.count) }
        return putLineEnd(into: room, at: end + bytes.count)
    }

    private static func putLineEnd(into room: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        room[start] = UInt8(ascii: "\r")
        room[start + 1] = UInt8(ascii: "\n")
        return start + 2
    }

    func reply(in bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (reply: Reply, end: Int)? {
        guard let kind = bytes.first else { return nil }
        guard let line = Self.lineEnd(in: bytes) else {
            // No kind of reply that is read here has a longer first line.
            guard bytes.count < 65_536 else { throw MalformedReply(bytes) }
            return nil
        }
        switch kind {
        case UInt8(ascii: "+"): return (.done, line + 2)
        case UInt8(ascii: "-"): return (.failure(Self.failure(bytes[1..<line])), line + 2)
        case UInt8(ascii: "_"): return (.absent, line + 2)
        case UInt8(ascii: ":"):
            guard let number = Decimal.value(bytes[1..<line]) else { throw MalformedReply(bytes) }
            return (.integer(number), line + 2)
        case UInt8(ascii: "$"):
            guard let length = Decimal.value(bytes[1..<line]) else { throw MalformedReply(bytes) }
            guard length >= 0 else { return (.absent, line + 2) }
            let start = line + 2
            return bytes.count < start + length + 2 ? nil : (.value(start..<start + length), start + length + 2)
        default: throw MalformedReply(bytes)
        }
    }

    private static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = bytes.baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\r")), bytes.count) else { return nil }
        let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        return end + 1 < bytes.count ? end : nil
    }

    private static func failure(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Reply.Failure {
        let code = String(decoding: text.prefix { $0 != UInt8(ascii: " ") }.prefix(40), as: UTF8.self)
        return Reply.Failure(code: code, isIndefinite: code == "INDETERMINATE")
    }
}
