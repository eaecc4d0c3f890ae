import Glibc

/// One client: a socket, what is still to be sent on it, and what is awaited.
final class LoadConnection {
    /// An operation under way.
    struct Pending {
        /// When it should have been sent, and when it was.
        var intended: UInt64
        var sent: UInt64
        var kind: OperationKind
        var request: Request
        var key: Int
        /// The number within the value, of a checked client.
        var number = 0
        var repliesLeft: Int
        var failure: Reply.Failure?
    }

    enum State {
        case closed
        case connecting
        case open
    }

    let index: Int
    var endpoint: Int
    var state = State.closed
    var socket: Int32 = -1
    var output = ByteQueue(capacity: 4096)
    var input = ByteQueue(capacity: 16_384)
    var pending: Ring
    /// Replies to the greeting that are still to come, ahead of all others.
    var greetingLeft = 0
    var awaitsWritable = false
    /// It has been given operations that are not sent yet.
    var isDirty = false
    /// It stands in the line of those that wait a moment after an error.
    var isPaused = false
    /// It stands in the line of those that could take another operation.
    var isIdle = false

    init(index: Int, endpoint: Int, pipeline: Int) {
        self.index = index
        self.endpoint = endpoint
        pending = Ring(capacity: pipeline)
    }

    /// The operations under way, oldest first.
    struct Ring {
        private var slots: [Pending]
        private var head = 0
        private(set) var count = 0

        init(capacity: Int) {
            let empty = Pending(intended: 0, sent: 0, kind: .write, request: .set, key: 0, repliesLeft: 0)
            slots = Array(repeating: empty, count: capacity)
        }

        var isFull: Bool { count == slots.count }
        var isEmpty: Bool { count == 0 }

        var first: Pending {
            get { slots[head] }
            set { slots[head] = newValue }
        }

        mutating func append(_ pending: Pending) {
            var place = head + count
            if place >= slots.count { place -= slots.count }
            slots[place] = pending
            count += 1
        }

        mutating func removeFirst() -> Pending {
            let first = slots[head]
            head = head + 1 == slots.count ? 0 : head + 1
            count -= 1
            return first
        }
    }

    enum Progress {
        case whole
        /// The kernel takes no more for now.
        case partly
        case broken
    }

    func send() -> Progress {
        while output.count > 0 {
            let bytes = output.bytes
            let count = Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return errno == EAGAIN || errno == EINTR ? .partly : .broken }
            output.removeFirst(count)
        }
        return .whole
    }

    /// What has come, `partly` where there may be more.
    func receive() -> Progress {
        let room = input.room(4096)
        let count = recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? .whole : .broken }
        input.commit(count)
        return count == room.count ? .partly : .whole
    }

    func close() {
        if socket >= 0 { Glibc.close(socket) }
        socket = -1
        state = .closed
        output.removeAll()
        input.removeAll()
        greetingLeft = 0
        awaitsWritable = false
    }
}
