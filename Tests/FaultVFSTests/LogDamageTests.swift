import FaultVFS
import SQLite
import Storage
import Testing

/// One bit of a write-ahead log, changed while the process is down.
@Suite struct LogDamageTests {
    private static let ledgerLog = ReplicaRun.ledgerPath + "-wal"
    private static let table = "/node/shard1/table-000001.sqlite"

    /// As a killed process leaves it, with everything in its logs; the table's is copied into its file too.
    private func killedRun(_ script: ReplicaScript) throws -> ReplicaRun {
        var run = try ReplicaRun(seed: 1, script: script)
        let failure = run.play(closing: false) { medium in
            let table = try? Connection(path: Self.table, access: .readWrite, busyTimeout: 0, vfs: medium.vfs)
            // A connection that has read nothing does not know of the log yet.
            #expect((try? table?.integer("SELECT applied_up_to FROM state")) != nil)
            let checkpoint = try? table?.checkpoint(.passive)
            #expect(checkpoint.map { $0.isComplete && $0.frames > 0 } == true)
        }
        #expect(failure == nil)
        try run.machine.kill()
        return run
    }

    /// SQLite would cut the log off there and call it sound. Only in the last transaction a changed bit can't be told from a torn tail.
    @Test func aChangedBitInALedgersLogLosesAtMostTheLastWriteSilently() throws {
        let script = ReplicaScript(writes: 12, payload: 3000, restartEvery: nil)
        let length = try #require(killedRun(script).machine.disk.contents(of: Self.ledgerLog)?.count)
        #expect(length > 100_000)
        var refused = 0
        let offsets = Array(stride(from: 0, to: 56, by: 3)) + Array(stride(from: 56, to: length, by: length / 60))
        for offset in offsets {
            var run = try killedRun(script)
            #expect(run.machine.disk.flip(bit: offset % 8, ofByte: offset, in: Self.ledgerLog))
            do throws(StorageError) {
                _ = try run.open(Reports())
                run.machine.disk.kill()
                let violation = run.violation(lost: 1)
                #expect(violation == nil, "byte \(offset) of \(length)")
            } catch {
                refused += 1
                #expect(error.kind == .damaged && error.description.contains("must not vote"), "byte \(offset): \(error)")
            }
        }
        #expect(refused > offsets.count / 2)
    }

    /// Whatever is lost of it stands in the ledger. But the table's file is older than its log, so that it has pages which only the later
    /// commits of the log change: with the earlier ones alone they would not fit together.
    @Test func aChangedBitInATablesLogLosesNothing() throws {
        // With rows given up a lost table would have to come from a peer.
        let script = ReplicaScript(writes: 120, payload: 1000, restartEvery: 100, keyCount: 1009, compacts: false)
        let length = try #require(killedRun(script).machine.disk.contents(of: Self.table + "-wal")?.count)
        for offset in Array(stride(from: 0, to: 56, by: 3)) + Array(stride(from: 56, to: length, by: length / 40)) {
            var run = try killedRun(script)
            #expect(run.machine.disk.flip(bit: offset % 8, ofByte: offset, in: Self.table + "-wal"))
            let violation = run.violation()
            #expect(violation == nil, "byte \(offset) of \(length)")
        }
    }

    /// A loss of power in a checkpoint leaves any of the pages that it was copying, beside a log that has them all. With a bit of that log
    /// changed, SQLite drops commits of which the file has a part: the table is made again, and no start ends at it.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aChangedBitBesideAHalfCopiedTableLosesNothing(seed: UInt64) throws {
        let script = ReplicaScript(writes: 120, payload: 1000, restartEvery: 100, keyCount: 1009, compacts: false)
        var random = SplitMix64(seed: seed)
        var run = try ReplicaRun(seed: seed, script: script)
        let disk = run.machine.disk
        let stop = Nth(Int.random(in: 3...8, using: &random))
        disk.watch { $0.action == .sync && $0.path == Self.table && stop.isReached() ? .powerLoss : nil }
        _ = run.play(closing: false)
        disk.watch(nil)
        try #require(stop.wasReached)
        try run.machine.crash(seed: seed)
        let length = try #require(disk.contents(of: Self.table + "-wal")?.count)
        let offset = Int.random(in: 0..<length, using: &random)
        #expect(disk.flip(bit: offset % 8, ofByte: offset, in: Self.table + "-wal"))
        let violation = run.violation()
        #expect(violation == nil, "byte \(offset) of \(length)")
    }
}
