import Foundation

enum FreePorts {
    /// Free ports of 127.0.0.1, for TCP and UDP, below those that the kernel hands out to clients: a node that is down for a while
    /// must find its port free again.
    static func pick(_ count: Int) -> [UInt16] {
        var ports: [UInt16] = []
        var candidate = UInt16.random(in: 10_000..<29_000)
        while ports.count < count {
            candidate = candidate >= 29_999 ? 10_000 : candidate + 1
            if isFree(candidate, Int32(SOCK_STREAM.rawValue)), isFree(candidate, Int32(SOCK_DGRAM.rawValue)) { ports.append(candidate) }
        }
        return ports
    }

    private static func isFree(_ port: UInt16, _ kind: Int32) -> Bool {
        let descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return SocketAddress(host: "127.0.0.1", port: port).with { bind(descriptor, $0, $1) } == 0
    }
}

struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: UInt16

    var description: String { "\(host):\(port)" }

    func with<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
