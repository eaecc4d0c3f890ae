import Glibc

/// A connection that asks one thing after the other, and waits for each answer.
package struct Server: ~Copyable {
    private let endpoint: Endpoint
    private let dialect: Dialect
    private let socket: Int32
    private var input = ByteQueue(capacity: 4096)

    package init(_ endpoint: Endpoint, _ peer: LoadSettings.Peer = .redis, timeout: Double = 2) throws(BenchFailure) {
        socket = try Self.connected(endpoint, timeout)
        self.endpoint = endpoint
        switch peer {
        case .redis: dialect = .redis(RedisDialect())
        case .etcd: dialect = .etcd(EtcdDialect(endpoint.description))
        }
    }

    private static func connected(_ endpoint: Endpoint, _ timeout: Double) throws(BenchFailure) -> Int32 {
        let address = try endpoint.resolved()
        let socket = Glibc.socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var time = timeval(tv_sec: Int(timeout), tv_usec: Int((timeout - timeout.rounded(.down)) * 1_000_000))
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.with({ connect(socket, $0, $1) }) == 0 else {
            let text = errno == EINPROGRESS ? "no answer in time" : String(cString: strerror(errno))
            close(socket)
            throw BenchFailure("\(endpoint): \(text)")
        }
        return socket
    }

    deinit {
        close(socket)
    }

    /// Refuses, in one line, what would be no measurement.
    package static func check(_ endpoints: [Endpoint]) throws(BenchFailure) {
        for endpoint in endpoints {
            var server = try Server(endpoint)
            if case .failure(let failure) = try server.ask(RedisDialect.command(["PING"])).reply {
                throw BenchFailure("\(endpoint) refuses PING: \(failure.code)")
            }
        }
    }

    /// The answer to a command of Redis's: its value, where it has one.
    package mutating func ask(_ words: [String]) throws(BenchFailure) -> [UInt8]? {
        let (reply, value) = try ask(RedisDialect.command(words))
        if case .failure(let failure) = reply { throw BenchFailure(failure.code) }
        return value
    }

    package mutating func set(_ key: String, _ value: String) throws(BenchFailure) {
        if case .failure(let failure) = try request(.set, key, value).reply { throw BenchFailure(failure.code) }
    }

    package mutating func get(_ key: String) throws(BenchFailure) -> [UInt8]? {
        let (reply, value) = try request(.get, key, "")
        if case .failure(let failure) = reply { throw BenchFailure(failure.code) }
        return value
    }

    private mutating func request(_ request: Request, _ key: String, _ value: String) throws(BenchFailure) -> (
        reply: Reply, value: [UInt8]?
    ) {
        var output = ByteQueue(capacity: 512)
        var (key, value) = (key, value)
        key.withUTF8 { key in value.withUTF8 { dialect.write(request, key: key, value: $0, into: &output) } }
        return try ask(Array(output.bytes))
    }

    /// The body of the answer to a POST of JSON.
    mutating func post(_ path: String, _ json: String) throws(BenchFailure) -> [UInt8] {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nContent-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n"
        return try exchange(Array((head + json).utf8)) { bytes throws(MalformedReply) in
            try HTTPResponse.read(bytes).map { response in
                (
                    Result { () throws(BenchFailure) in
                        guard response.status == 200 else { throw BenchFailure("\(path): HTTP \(response.status)") }
                        return Array(bytes[response.body])
                    }, response.end
                )
            }
        }.get()
    }

    private mutating func ask(_ bytes: [UInt8]) throws(BenchFailure) -> (reply: Reply, value: [UInt8]?) {
        let dialect = dialect
        return try exchange(bytes) { input throws(MalformedReply) in
            guard let (reply, end) = try dialect.reply(in: input) else { return nil }
            var value: [UInt8]?
            if case .value(let place) = reply { value = dialect.decoded(UnsafeBufferPointer(rebasing: input[place])) }
            return ((reply, value), end)
        }
    }

    /// Sends, and reads until the answer is whole: what was read of it, and where it ends.
    private mutating func exchange<Answer>(
        _ bytes: [UInt8], _ read: (UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (Answer, end: Int)?
    ) throws(BenchFailure) -> Answer {
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw failure() }
        while true {
            do {
                if let (answer, end) = try read(input.bytes) {
                    input.removeFirst(end)
                    return answer
                }
            } catch {
                throw BenchFailure("\(endpoint) answers '\(error.start)': is it the server it should be?")
            }
            let room = input.room(65_536)
            let count = recv(socket, room.baseAddress, room.count, 0)
            guard count > 0 else { throw count == 0 ? BenchFailure("\(endpoint) closed the connection") : failure() }
            input.commit(count)
        }
    }

    private func failure() -> BenchFailure {
        BenchFailure("\(endpoint): \(errno == EAGAIN ? "no answer in time" : String(cString: strerror(errno)))")
    }
}
