import FaultVFS
import Paxos
import Replica
import Storage
import Testing

@Suite struct ReplicaFaultTests {
    private func expectSound(_ run: inout ReplicaRun, _ place: String) throws {
        let violation = run.violation()
        // What follows would build on what is not there.
        try #require(violation == nil, "\(place)")
    }

    private func expectClear(_ failure: StorageError, _ kind: StorageError.Kind, _ number: Int) {
        #expect(failure.kind == kind, "operation \(number): \(failure)")
        #expect(failure.description.contains("/node") && !failure.description.contains("\n"), "operation \(number): \(failure)")
    }

    /// Spoils one operation after the other, each in a run of its own, until a run has no more of them.
    private func spoil(
        _ fault: Fault, _ actions: Set<Operation.Action>, kind: StorageError.Kind
    ) throws -> (failures: Int, operations: Int) {
        let script = ReplicaScript(writes: 12)
        var number = 0
        var failures = 0
        while true {
            number += 1
            var run = try ReplicaRun(seed: UInt64(number), script: script)
            let chosen = Nth(number)
            run.machine.disk.watch { actions.contains($0.action) && chosen.isReached() ? fault : nil }
            if let failure = run.play() {
                failures += 1
                expectClear(failure, kind, number)
            }
            run.machine.disk.watch(nil)
            guard chosen.wasReached else { return (failures, number - 1) }
            try run.machine.kill()
            try expectSound(&run, "operation \(number)")
            let stop = Nth(1 + number % 40)
            run.machine.disk.watch { $0.action.changesDisk && stop.isReached() ? .powerLoss : nil }
            _ = run.play()
            run.machine.disk.watch(nil)
            try run.machine.crash(seed: UInt64(number))
            try expectSound(&run, "operation \(number), after another life and a crash")
        }
    }

    @Test func anInputOutputErrorEndsTheProcessAndLosesNothing() throws {
        let spoilt = try spoil(
            .error, [.open, .read, .write, .truncate, .sync, .syncDirectory, .delete, .makeDirectory], kind: .inputOutput)
        #expect(spoilt.failures > 100)
    }

    /// The failed sync's pages count as clean: only what the process did before it may be relied on.
    @Test func aFailedSyncLosesNothingThoughItsPagesLookClean() throws {
        let spoilt = try spoil(.failedSync, [.sync], kind: .inputOutput)
        #expect(spoilt.failures > 10)
    }

    /// Whatever operation of the next opening it is that the power fails in.
    @Test func aFailedSyncAndALossOfPowerWhileItIsPutRightLoseNothing() throws {
        let script = ReplicaScript(writes: 8, payload: 3000)
        for (sync, second) in (4...32).flatMap({ sync in (1...12).map { (sync, $0) } }) {
            var run = try ReplicaRun(seed: UInt64(sync * 100 + second), script: script)
            let failing = Nth(sync)
            run.machine.disk.watch { $0.action == .sync && failing.isReached() ? .failedSync : nil }
            guard run.play() != nil else { continue }
            try run.machine.kill()
            let stopping = Nth(second)
            run.machine.disk.watch { $0.action.changesDisk && stopping.isReached() ? .powerLoss : nil }
            _ = try? run.open(Reports())
            run.machine.disk.watch(nil)
            try run.machine.crash(seed: UInt64(second))
            try expectSound(&run, "sync \(sync), then operation \(second)")
        }
    }

    /// The next life writes a table's log over itself, and relies on it no sooner than a checkpoint has synced it. Without, the table
    /// would have to be made again.
    @Test func aFailedSyncOfATableAndALossOfPowerInTheNextLifeLoseNothing() throws {
        let script = ReplicaScript(writes: 24, payload: 3000)
        for (sync, second) in (1...6).flatMap({ sync in (1...60).map { (sync, $0) } }) {
            var run = try ReplicaRun(seed: UInt64(sync * 100 + second), script: script)
            let failing = Nth(sync)
            run.machine.disk.watch {
                $0.action == .sync && $0.path.hasSuffix("table-000001.sqlite-wal") && failing.isReached() ? .failedSync : nil
            }
            guard run.play() != nil else { continue }
            try run.machine.kill()
            let stopping = Nth(second)
            run.machine.disk.watch {
                $0.action.changesDisk && $0.path.contains("/table-") && stopping.isReached() ? .powerLoss : nil
            }
            _ = run.play()
            run.machine.disk.watch(nil)
            try run.machine.crash(seed: UInt64(second))
            let reports = Reports()
            _ = try run.open(reports)
            #expect(reports.seen.notices.isEmpty, "sync \(sync), then operation \(second)")
            try run.machine.kill()
            try expectSound(&run, "sync \(sync), then operation \(second)")
        }
    }

    /// Once there is room again everything goes on by itself; only a replica that finds none to open says so and ends.
    @Test func aWriteWithoutRoomIsTriedAgainAndLosesNothing() throws {
        let (failures, operations) = try spoil(.full, [.write], kind: .full)
        #expect(operations > 100 && failures < operations * 2 / 3, "\(failures) of \(operations)")
    }

    @Test func aDiskOfAnySizeMayFillUp() throws {
        for kilobytes in stride(from: 0, to: 400, by: 20) {
            var run = try ReplicaRun(seed: 1, script: ReplicaScript(writes: 24, payload: 5000))
            run.machine.disk.setCapacity(bytes: kilobytes << 10)
            if let failure = run.play() {
                expectClear(failure, .full, kilobytes)
            } else {
                #expect(run.isStalled, "\(kilobytes) KiB were enough")
            }
            run.machine.disk.setCapacity(bytes: nil)
            try run.machine.kill()
            try expectSound(&run, "\(kilobytes) KiB")
        }
    }

    /// In the database file, at rest; one bit of a row's payload.
    @Test func aFlippedBitInARowIsFoundByItsChecksum() throws {
        var run = try ReplicaRun(seed: 1, script: ReplicaScript(writes: 4))
        let failure = run.play()
        #expect(failure == nil)
        let contents = try #require(run.machine.disk.contents(of: ReplicaRun.ledgerPath))
        let wanted = Array("slot 3, round".utf8)
        let place = contents.indices.first { contents[$0...].starts(with: wanted) }
        let offset = try #require(place)
        #expect(run.machine.disk.flip(bit: 3, ofByte: offset, in: ReplicaRun.ledgerPath))
        let reports = Reports()
        let replica = try run.open(reports)
        replica.ledger.read(LedgerRead(token: 1, from: Slot(1), through: Slot(9), byteLimit: .max))
        #expect(reports.seen.entries.map(\.count) == [2])
        #expect(reports.seen.failures.isEmpty)
        #expect(reports.seen.notices.count == 1)
        #expect(reports.seen.notices.first?.contains("slot 3") == true)
    }
}
