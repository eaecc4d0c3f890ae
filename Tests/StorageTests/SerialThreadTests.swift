import Dispatch
import Paxos
import Storage
import Synchronization
import Testing

@Suite struct SerialThreadTests {
    private final class Numbers: Sendable {
        private let state = Mutex<[Int]>([])
        var all: [Int] { state.withLock { $0 } }
        func add(_ number: Int) { state.withLock { $0.append(number) } }
    }

    @Test func workIsDoneInOrderAndBeforeTheEnd() throws {
        let thread = try SerialThread(name: "test")
        let numbers = Numbers()
        for number in 0..<10_000 { thread.enqueue { numbers.add(number) } }
        thread.stop()
        #expect(numbers.all == Array(0..<10_000))
    }

    @Test func delayedWorkComesInTheOrderOfItsTimes() throws {
        let thread = try SerialThread(name: "test")
        let numbers = Numbers()
        let done = DispatchSemaphore(value: 0)
        // All are enqueued before any is due: the thread is kept busy meanwhile.
        thread.enqueue {
            thread.enqueue(after: .milliseconds(3)) {
                numbers.add(3)
                done.signal()
            }
            thread.enqueue(after: .milliseconds(1)) { numbers.add(1) }
            thread.enqueue(after: .milliseconds(2)) { numbers.add(2) }
            thread.enqueue { numbers.add(0) }
        }
        done.wait()
        thread.stop()
        #expect(numbers.all == [0, 1, 2, 3])
    }

    @Test func whatIsNotDueIsDroppedAtTheEnd() throws {
        let thread = try SerialThread(name: "test")
        let numbers = Numbers()
        thread.enqueue(after: .milliseconds(3_600_000)) { numbers.add(1) }
        thread.stop()
        #expect(numbers.all == [])
    }
}
