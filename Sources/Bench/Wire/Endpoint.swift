import Glibc

/// Where a server listens.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package var description: String { "\(host):\(port)" }

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package init(_ text: some StringProtocol) throws(BenchFailure) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex, let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw .usage("'\(text)' is no address: write host:port") }
        self.init(host: String(text[..<colon]), port: Int(port))
    }

    /// The address as the kernel takes it.
    func resolved() throws(BenchFailure) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let first = found else { throw BenchFailure("\(self): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(first) }
        return SocketAddress(first.pointee)
    }
}

struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    init(_ info: addrinfo) {
        family = info.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
    }

    /// Calls connect(2) or bind(2).
    func with(_ call: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
        bytes.withUnsafeBytes { call($0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
    }
}
