import Foundation

/// A thread that can be waited for. Clients block, so they do not belong on the few threads that tests share.
final class Worker: Sendable {
    private let done = DispatchSemaphore(value: 0)

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let done = done
        let thread = Thread {
            body()
            done.signal()
        }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }

    func join() {
        done.wait()
    }
}

func pause(milliseconds: UInt32) {
    usleep(milliseconds * 1_000)
}
