import Benchmark
import Sharding

/// Which of 26 shards owns a key.
func registerRouting() {
    Benchmark.register("routing-26", [.allocations]) {
        let keys = (0..<1000).map { [UInt8(ascii: "a") + UInt8($0 % 26)] + Sample.key(UInt64($0)) }
        let cluster = Sample.cluster
        let counts = Counts.of {
            for (number, key) in keys.enumerated() {
                precondition(cluster.ordinal(owning: key) == number % 26, "shards are in the order of their ranges")
            }
        }
        return (counts, keys.count)
    }
}
