import FaultVFS
import Paxos
import Storage
import Testing

@Suite struct ReplicaCrashTests {
    enum End: CaseIterable {
        /// The machine loses power during the operation.
        case powerLoss
        /// The process ends before the operation; the power fails after its next life has opened the files.
        case kill
    }

    private func expectSound(_ run: inout ReplicaRun, _ place: String) throws {
        let violation = run.violation()
        // What follows would build on what is not there.
        try #require(violation == nil, "\(place)")
    }

    /// Plays the script once for each operation that changes the disk, and ends that life there.
    @Test(arguments: End.allCases) func itMayEndAtEveryWriteAndSync(end: End) throws {
        let script = ReplicaScript(writes: 16)
        var number = 0
        var compactedUpTo = Slot.none
        while true {
            number += 1
            var run = try ReplicaRun(seed: UInt64(number), script: script)
            let stop = Nth(number)
            let disk = run.machine.disk
            disk.watch { operation in
                guard operation.action.changesDisk, stop.isReached() else { return nil }
                if end == .powerLoss { return .powerLoss }
                disk.kill()
                return nil
            }
            _ = run.play()
            disk.watch(nil)
            guard stop.wasReached else { break }
            if end == .powerLoss { try run.machine.crash(seed: UInt64(number)) } else { try run.machine.boot() }
            try expectSound(&run, "operation \(number)")
            _ = run.play()
            try run.machine.crash(seed: UInt64(number) + 1_000_000)
            try expectSound(&run, "operation \(number), after another life")
            compactedUpTo = max(compactedUpTo, run.compactedUpTo)
        }
        #expect(number > 100)
        #expect(compactedUpTo > Slot(6), "rows were given up on the way")
    }

    /// Long enough for checkpoints between the commits.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func itMayEndAnywhereInALongLife(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var run = try ReplicaRun(seed: seed, script: ReplicaScript(writes: 60, payload: 60_000))
        for life in 1...4 {
            let stop = Nth(Int.random(in: 1...1500, using: &random))
            run.machine.disk.watch { $0.action.changesDisk && stop.isReached() ? .powerLoss : nil }
            _ = run.play()
            run.machine.disk.watch(nil)
            try run.machine.crash(seed: random.next())
            try expectSound(&run, "seed \(seed), life \(life)")
        }
    }
}
