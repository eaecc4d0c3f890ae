import Benchmark
import KeyValue
import Storage

/// What is chosen is applied in memory, and written into the table's file 4,096 entries at a time; reads are of keys that exist.
func registerTable() {
    for batch in [1, 64] {
        Benchmark.register("table-apply-\(batch)", Gate.allCases) {
            let commands = 8192
            let replica = try MeasuredReplica()
            replica.fill()
            let batches = (0..<commands / batch).map { _ in replica.entries(batch) }
            let counts = Counts.of {
                for batch in batches { replica.table.apply(batch) }
            }
            return (counts, commands)
        }
        Benchmark.register("table-read-memory-\(batch)", [.allocations, .reads]) {
            let replica = try MeasuredReplica()
            replica.fill()
            return countReads(ofBatch: batch, replica)
        }
        Benchmark.register("table-read-file-\(batch)", [.allocations, .reads]) {
            let replica = try MeasuredReplica()
            replica.fill()
            try replica.reopen()
            return countReads(ofBatch: batch, replica)
        }
    }
}

/// Each key once, as a client of many would ask for it.
private func countReads(ofBatch batch: Int, _ replica: MeasuredReplica) -> (counts: Counts, commands: Int) {
    let turns = 8192 / batch
    let reads = (0..<turns).map { turn in
        (0..<batch).map { Query.get(key: Sample.key(UInt64(turn * batch + $0))) }
    }
    let counts = Counts.of {
        for batch in reads { replica.table.read(batch) }
    }
    return (counts, turns * batch)
}
