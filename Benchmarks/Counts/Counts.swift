import CCounters

/// What this thread has asked of the allocator and of files; the difference of two moments is what was done between them.
struct Counts {
    var allocations = 0
    var reads = 0
    var writes = 0
    var bytesWritten = 0
    var syncs = 0

    /// Since the thread began.
    static var ofThread: Counts {
        let counters = call_counters_of_thread()
        var counts = Counts()
        counts.allocations = Int(counters.allocations)
        counts.reads = Int(counters.reads)
        counts.writes = Int(counters.writes)
        counts.bytesWritten = Int(counters.bytes_written)
        counts.syncs = Int(counters.syncs)
        return counts
    }

    /// Takes in what has been done since `earlier`, on this thread.
    mutating func add(since earlier: Counts) {
        let now = Self.ofThread
        allocations += now.allocations - earlier.allocations
        reads += now.reads - earlier.reads
        writes += now.writes - earlier.writes
        bytesWritten += now.bytesWritten - earlier.bytesWritten
        syncs += now.syncs - earlier.syncs
    }

    static func of(_ work: () throws -> Void) rethrows -> Counts {
        var counts = Counts()
        let before = ofThread
        try work()
        counts.add(since: before)
        return counts
    }
}
