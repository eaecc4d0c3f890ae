import Glibc
import Sharding

struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A RESP client for one question: blocking, and bounded in time and size.
enum StatusQuery {
    private static let timeoutSeconds = 1
    private static let replyBytesMax = 16 << 20

    /// The bulk string that the server at `address` answers.
    static func ask(_ address: Address, _ words: [String]) throws(QueryError) -> [UInt8] {
        let socket = try connected(to: address)
        defer { close(socket) }
        var request = Array("*\(words.count)\r\n".utf8)
        for word in words { request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw failure(address) }
        return try reply(from: socket, address)
    }

    private static func connected(to address: Address) throws(QueryError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &found)
        guard code == 0, let first = found else { throw QueryError("\(address): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(first) }
        let socket = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw failure(address) }
        // On Linux the time-out for sending is also that for connecting.
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        guard connect(socket, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            defer { close(socket) }
            throw failure(address)
        }
        return socket
    }

    private static func reply(from socket: Int32, _ address: Address) throws(QueryError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let start = time(nil)
        while true {
            if let body = try body(of: bytes, address) { return body }
            guard bytes.count < replyBytesMax, time(nil) - start <= timeoutSeconds else {
                throw QueryError("\(address) does not answer in time")
            }
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count >= 0 else { throw failure(address) }
            guard count > 0 else { throw QueryError("\(address) closed the connection") }
            bytes += chunk[..<count]
        }
    }

    /// Nil while it is incomplete.
    private static func body(of bytes: [UInt8], _ address: Address) throws(QueryError) -> [UInt8]? {
        guard let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let line = String(decoding: bytes[..<lineEnd], as: UTF8.self)
        guard line.hasPrefix("$"), let count = Int(line.dropFirst()), 0...replyBytesMax ~= count else {
            throw QueryError("\(address) answers '\(line.prefix(80))': is it a Decree node?")
        }
        let start = lineEnd + 2
        return bytes.count >= start + count ? Array(bytes[start..<start + count]) : nil
    }

    private static func failure(_ address: Address) -> QueryError {
        let isTimeout = errno == EAGAIN || errno == EINPROGRESS
        return QueryError("\(address): \(isTimeout ? "no answer in \(timeoutSeconds) s" : String(cString: strerror(errno)))")
    }
}
