import Glibc
import Sharding

struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A connection to a node's client port, for one question after the other: blocking, and bounded in time and size.
struct NodeClient: ~Copyable {
    static let replyBytesMax = 16 << 20

    let address: Address
    private let socket: Int32
    private var input: [UInt8] = []

    /// How long connecting, and each step of sending, may take.
    private static let connectSeconds = 1

    init(_ address: Address) throws(QueryError) {
        self.address = address
        socket = try Self.connected(to: address)
    }

    deinit {
        close(socket)
    }

    /// The answer to one command: an error that the node answers is thrown, with its code.
    mutating func ask(_ words: [String], timeoutSeconds: Int = 1) throws(QueryError) -> NodeReply {
        var request = Array("*\(words.count)\r\n".utf8)
        for word in words { request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw Self.failure(address) }
        let reply = try reply(by: time(nil) + timeoutSeconds, timeoutSeconds)
        if case .error(let text) = reply { throw QueryError(text) }
        return reply
    }

    private mutating func reply(by deadline: Int, _ timeoutSeconds: Int) throws(QueryError) -> NodeReply {
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            do {
                if let (reply, end) = try NodeReplyReader.read(input) {
                    input.removeFirst(end)
                    return reply
                }
            } catch {
                let start = String(decoding: input.prefix(80).prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                throw QueryError("\(address) answers '\(start)': is it a Decree node?")
            }
            guard input.count < Self.replyBytesMax, time(nil) <= deadline else {
                throw QueryError("\(address) does not answer in time")
            }
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count >= 0 else { throw Self.failure(address) }
            guard count > 0 else { throw QueryError("\(address) closed the connection") }
            input += chunk[..<count]
        }
    }

    private static func connected(to address: Address) throws(QueryError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &found)
        guard code == 0, let first = found else { throw QueryError("\(address): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(first) }
        let socket = Glibc.socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw failure(address) }
        // On Linux the time-out for sending is also that for connecting.
        var timeout = timeval(tv_sec: connectSeconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard connect(socket, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            defer { close(socket) }
            throw failure(address)
        }
        return socket
    }

    private static func failure(_ address: Address) -> QueryError {
        let isTimeout = errno == EAGAIN || errno == EINPROGRESS
        return QueryError("\(address): \(isTimeout ? "no answer in time" : String(cString: strerror(errno)))")
    }
}
