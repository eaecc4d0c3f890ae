import Foundation

/// A connection that asks one thing at a time and blocks until it is answered. Of one thread.
struct RESPClient: ~Copyable {
    private let descriptor: Int32
    private var reader = RESPReader()

    enum Failure: Error, Hashable {
        /// No connection: nothing was asked.
        case refused(String)
        /// Asked, and no answer came: it may have happened.
        case lost(String)
    }

    /// - Parameter seconds: bound on connecting, and on each wait for an answer.
    init(_ address: SocketAddress, seconds: Double) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .refused("no socket") }
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - seconds.rounded(.down)) * 1_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        let descriptor = descriptor
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else { throw .refused(String(cString: strerror(errno))) }
    }

    deinit {
        close(descriptor)
    }

    mutating func ask(_ words: [String]) throws(Failure) -> RESPValue {
        var request: [UInt8] = Array("*\(words.count)\r\n".utf8)
        for word in words { request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw .lost("sending: \(String(cString: strerror(errno)))") }
            sent += count
        }
        while true {
            do {
                if let reply = try reader.next() { return reply }
            } catch {
                throw .lost("an answer that is not RESP")
            }
            try receive()
        }
    }

    private mutating func receive() throws(Failure) {
        let descriptor = descriptor
        let failure = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer -> String? in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count <= 0 { return count == 0 ? "closed by the node" : String(cString: strerror(errno)) }
            reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return nil
        }
        if let failure { throw .lost(failure) }
    }

    /// Asks once over a connection of its own.
    static func ask(_ address: SocketAddress, _ words: [String], seconds: Double = 5) throws(Failure) -> RESPValue {
        var client = try RESPClient(address, seconds: seconds)
        return try client.ask(words)
    }
}
