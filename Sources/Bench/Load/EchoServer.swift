import Glibc

/// Answers each command with the same bytes, or as a test wants it: the other end of measuring the load generator itself.
package final class EchoServer {
    /// From a command to its answer.
    package typealias Answer = (UnsafeBufferPointer<UInt8>) -> [UInt8]

    private let listener: Int32
    private let answer: Answer
    private var poller: Poller
    private var clients: [Int: Client] = [:]

    /// A connection with the bytes of a command that is not whole yet.
    private final class Client {
        var input = ByteQueue(capacity: 65_536)
        var output = ByteQueue(capacity: 4096)
    }

    package let port: Int

    /// Port 0: any that is free.
    package init(port: Int, answer: @escaping Answer = { _ in EchoServer.ok }) throws(BenchFailure) {
        self.answer = answer
        poller = try Poller()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address = try Endpoint(host: "127.0.0.1", port: port).resolved()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard address.with({ bind(listener, $0, $1) }) == 0, listen(listener, 1024) == 0 else {
            throw BenchFailure("127.0.0.1:\(port): \(String(cString: strerror(errno)))")
        }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        self.listener = listener
        self.port = Int(UInt16(bigEndian: bound.sin_port))
        poller.add(listener, as: Int(listener), forWriting: false)
    }

    deinit {
        close(listener)
    }

    /// Until it is told to stop, within a tenth of a second.
    package func run(control: LoadControl = LoadControl()) {
        while !control.isStopping {
            for place in 0..<poller.wait(nanoseconds: Clock.second / 10) {
                let (index, _) = poller.ready(place)
                if index == Int(listener) { accept() } else { serve(Int32(index)) }
            }
        }
    }

    private func accept() {
        let socket = Glibc.accept(listener, nil, nil)
        guard socket >= 0 else { return }
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        clients[Int(socket)] = Client()
        poller.add(socket, as: Int(socket), forWriting: false)
    }

    private func serve(_ socket: Int32) {
        guard let client = clients[Int(socket)] else { return }
        let room = client.input.room(65_536)
        let count = recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 else {
            clients[Int(socket)] = nil
            close(socket)
            return
        }
        client.input.commit(count)
        while let end = Self.commandEnd(client.input.bytes) {
            client.output.append(answer(UnsafeBufferPointer(rebasing: client.input.bytes[..<end])))
            client.input.removeFirst(end)
        }
        let bytes = client.output.bytes
        // The answers are far smaller than what the kernel holds for a client that reads them.
        send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        client.output.removeAll()
    }

    package static let ok = Array("+OK\r\n".utf8)

    /// Where the first command ends; nil while it is not whole.
    private static func commandEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let (words, start) = number(bytes, at: 0) else { return nil }
        var end = start
        for _ in 0..<words {
            guard let (length, start) = number(bytes, at: end), start + length + 2 <= bytes.count else { return nil }
            end = start + length + 2
        }
        return end
    }

    /// The number behind a kind's byte, and where its line ends.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (Int, Int)? {
        var (number, place) = (0, start + 1)
        while place < bytes.count, bytes[place] != UInt8(ascii: "\r") {
            number = number * 10 + Int(bytes[place]) - 48
            place += 1
        }
        return place + 1 < bytes.count ? (number, place + 2) : nil
    }
}
