import Glibc

/// Bytes on their way: appended at the end, taken from the front.
package struct ByteQueue: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var head = 0
    private var tail = 0

    package init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deallocate()
    }

    package var count: Int { tail - head }
    package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base + head, count: tail - head) }

    /// Room for at least `size` bytes behind the last; `commit` says how many have been put there.
    mutating func room(_ size: Int) -> UnsafeMutableBufferPointer<UInt8> {
        if capacity - tail < size { makeRoom(size) }
        return UnsafeMutableBufferPointer(start: base + tail, count: capacity - tail)
    }

    mutating func commit(_ size: Int) { tail += size }

    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, let target = room(bytes.count).baseAddress else { return }
        memcpy(target, source, bytes.count)
        tail += bytes.count
    }

    package mutating func removeFirst(_ size: Int) {
        head += size
        if head == tail { removeAll() }
    }

    mutating func removeAll() {
        head = 0
        tail = 0
    }

    private mutating func makeRoom(_ size: Int) {
        let count = count
        if capacity - count >= size, head > 0 {
            memmove(base, base + head, count)
        } else {
            let larger = max(2 * capacity, count + size)
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
            memcpy(copy, base + head, count)
            base.deallocate()
            base = copy
            capacity = larger
        }
        head = 0
        tail = count
    }
}
