import Foundation
import Simulator
import Testing

/// Runs a seed; a failure says which, and what came before.
private func expectKept(_ options: SimulationOptions) {
    let result = Simulation.run(options)
    guard !result.violations.isEmpty else { return }
    var again = options
    again.keepsTranscript = true
    let transcript = Simulation.run(again).transcript.suffix(60).joined(separator: "\n")
    Issue.record("\(options.replayCommand)\n\(result.violations.joined(separator: "\n"))\n\(transcript)")
}

@Suite("Whole clusters over simulated disks")
struct SeedTests {
    /// Each of them was the first seed to break what it says, by itself or with that bug planted.
    private static let seeds: [(Profile, UInt64, String)] = [
        (.lan, 4, "a plain one"), (.wan, 1, "a promise that leaves out what was accepted"), (.wan, 5, "reads of the ledger forgotten"),
        (.disk, 2, "a failed sync taken for one; an entry accepted below a promise"), (.disk, 30, "early runs without a bound"),
        (.chaos, 3, "α; entries kept in memory"), (.chaos, 7, "a leader that does not hear what was accepted"),
        (.chaos, 43, "bytes on the way to a peer"), (.lan, 5, "an idle client whose session is gone waits for ever"),
        (.chaos, 708_331_183_755, "a flipped bit in a ledger's schema, in SQLite's words only"),
        (.lan, 791_156_250_492, "a lease that was given up, with another prepare heard between"),
        (.chaos, 55_649_686_435, "a flipped bit in a chosen row that the table lost with the power: a snapshot brings it"),
        (.chaos, 820_079, "work that one file's thread hands to another's, seen by it only with the next message"),
        (.chaos, 910_119, "a log that was given up at the last moment, and looked at before its rows could go"),
    ]

    @Test(arguments: seeds)
    func everyPromiseIsKept(profile: Profile, seed: UInt64, whatItHasFound: String) {
        expectKept(SimulationOptions(seed: seed, profile: profile))
    }

    @Test func fiveNodesWithFourShardsKeepTheirPromises() {
        expectKept(SimulationOptions(seed: 1, profile: .chaos, nodeCount: 5, shardCount: 4))
    }

    @Test func seedsNeverTriedBeforeKeepTheirPromises() {
        let first = ProcessInfo.processInfo.environment["DECREE_FIRST_SEED"].flatMap(UInt64.init) ?? .random(in: 1 << 20...1 << 40)
        print("fresh seeds from \(first)")
        for (seed, profile) in zip(first..., Profile.allCases) { expectKept(SimulationOptions(seed: seed, profile: profile)) }
    }

    /// Also where one keeps a transcript and the other does not: what a failure prints is the run that failed.
    @Test(arguments: [Profile.wan, .disk])
    func oneSeedIsOneRun(profile: Profile) {
        var options = SimulationOptions(seed: 3, profile: profile)
        let first = Simulation.run(options)
        options.keepsTranscript = true
        let second = Simulation.run(options)
        #expect(first.digest == second.digest)
        #expect(first.statistics == second.statistics)
        #expect(Simulation.run(SimulationOptions(seed: 4, profile: .lan, nodeCount: 3, shardCount: 1)).digest != first.digest)
    }

    /// Logs are given up, so that nodes which were away need snapshots; lost directories are replaced, and lost tables made again.
    @Test func whatAFilesWholeLifeIsMadeOfHappens() {
        var statistics = SimulationStatistics()
        for seed in [UInt64(9), 32, 36] { statistics.add(Simulation.run(SimulationOptions(seed: seed, profile: .disk)).statistics) }
        for name in ["snapshot installed", "replacement begun", "storage repairs itself"] {
            #expect(statistics.faults[name, default: 0] > 0, "no \(name)")
        }
    }

    @Test func runsAreBusy() {
        let statistics = Simulation.run(SimulationOptions(seed: 1, profile: .chaos)).statistics
        #expect(statistics.commandsAcknowledged > 50)
        #expect(statistics.localReads > 10)
        #expect(statistics.starts > 3 && statistics.leaderships > 1 && statistics.faults.count > 3)
    }
}
