import CEpoll
import Glibc

/// Waits for many sockets.
struct Poller: ~Copyable {
    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    init() throws(BenchFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw BenchFailure("epoll: \(String(cString: strerror(errno)))") }
        _ = wait_precisely()
    }

    deinit {
        close(descriptor)
    }

    func add(_ socket: Int32, as index: Int, forWriting: Bool) { control(EPOLL_CTL_ADD, socket, index, forWriting) }
    func change(_ socket: Int32, as index: Int, forWriting: Bool) { control(EPOLL_CTL_MOD, socket, index, forWriting) }

    private func control(_ operation: Int32, _ socket: Int32, _ index: Int, _ forWriting: Bool) {
        let wanted = EPOLLIN.rawValue | (forWriting ? EPOLLOUT.rawValue : 0)
        var event = epoll_event(events: wanted, data: epoll_data_t(u64: UInt64(index)))
        epoll_ctl(descriptor, operation, socket, &event)
    }

    /// How many sockets are ready.
    mutating func wait(nanoseconds: UInt64) -> Int {
        var time = timespec(tv_sec: Int(nanoseconds / Clock.second), tv_nsec: Int(nanoseconds % Clock.second))
        return max(0, Int(epoll_pwait2(descriptor, &events, Int32(events.count), &time, nil)))
    }

    func ready(_ place: Int) -> (index: Int, canWrite: Bool) {
        let event = events[place]
        return (Int(event.data.u64), event.events & (EPOLLOUT.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }
}
