import Glibc

/// A TCP connection through the relay: two sockets, and what is on its way between them.
final class RelayStream {
    /// The one that connected to the relay, and the one to its target.
    let sockets: [Int32]
    /// From the first socket to the second, and back. An empty parcel is the end.
    var lines = [RelayLine(), RelayLine()]
    let delay: UInt64
    private(set) var isOpen = true
    /// Nothing more will come from this side.
    private var hasEnded = [false, false]

    /// More on its way in one direction than any network holds: the connection is broken.
    private static let bytesMax = 64 << 20

    init(from accepted: Int32, to target: Int32, delay: UInt64) {
        sockets = [accepted, target]
        self.delay = delay
    }

    deinit {
        close()
    }

    /// Takes in what has come on one of the sockets.
    func read(_ side: Int, now: UInt64, extra: UInt64) {
        guard !hasEnded[side] else { return }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(sockets[side], &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count >= 0, lines[side].byteCount < Self.bytesMax else { return close() }
        hasEnded[side] = count == 0
        lines[side].append(Array(bytes[..<count]), due: now + delay + extra)
    }

    /// Hands over what has arrived; calls with how late each piece is.
    func deliver(now: UInt64, late: (UInt64) -> Void) {
        for side in 0...1 {
            while isOpen, let parcel = lines[side].take(by: now) {
                guard !parcel.bytes.isEmpty else { return close() }
                let count = send(sockets[1 - side], parcel.bytes, parcel.bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                if count < 0, errno != EAGAIN { return close() }
                late(now - parcel.due)
                guard count < parcel.bytes.count else { continue }
                lines[side].putBack(Array(parcel.bytes[max(0, count)...]), due: now + Clock.second / 1000)
                break
            }
        }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        for socket in sockets { Glibc.close(socket) }
    }
}
