package struct Address: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Address {
    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case noAddress(String)
        case badPort(String)

        package var description: String {
            switch self {
            case .noAddress(let text): "'\(text)' is no address: write HOST:PORT, or [HOST]:PORT for IPv6"
            case .badPort(let text): "'\(text)' has no port from 1 to 65535 behind its last colon"
            }
        }
    }

    /// `host:port` or `[host]:port`.
    package init(text: String) throws(Problem) {
        guard let colon = text.lastIndex(of: ":") else { throw .noAddress(text) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .noAddress(text)
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "[" || $0 == "]" }) else {
            throw .noAddress(text)
        }
        let digits = text[text.index(after: colon)...]
        guard let port = Int(digits), 1...65_535 ~= port, digits.allSatisfy(\.isNumber) else { throw .badPort(text) }
        self.init(host: String(host), port: port)
    }
}
