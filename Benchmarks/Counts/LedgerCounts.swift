import Benchmark
import Storage

/// Commits of a batch each, with their checkpoints, over rows that were given up: what a turn of a replica hands over to its ledger.
func registerLedger() {
    // So many turns that the write-ahead log is full within them.
    for (batch, turns) in [(1, 1024), (8, 1024), (64, 128), (512, 32)] {
        Benchmark.register("ledger-turn-\(batch)", Gate.allCases) {
            let replica = try MeasuredReplica()
            try replica.fillLog()
            for _ in 0..<16 { replica.commit(replica.write(of: replica.entries(batch))) }
            let writes = (0..<turns).map { _ in replica.write(of: replica.entries(batch)) }
            let before = replica.ledger.commitCount ?? 0
            let counts = Counts.of {
                for write in writes { replica.commit(write) }
            }
            precondition(replica.ledger.commitCount == before + turns, "a turn is one commit")
            precondition(counts.syncs >= turns, "a commit is synced")
            return (counts, turns * batch)
        }
    }
}
