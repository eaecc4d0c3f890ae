import Simulator
import Synchronization
import Testing

/// What strikes in a run, by number.
private func strikes(_ options: SimulationOptions) -> [Int: String] {
    let strikes = Mutex<[Int: String]>([:])
    let result = Simulation.run(options) { event in
        if case .struck(let number, let fault) = event { strikes.withLock { $0[number] = fault } }
    }
    #expect(result.violations.isEmpty, "\(options.replayCommand)")
    return strikes.withLock { $0 }
}

@Suite("Runs that leave something out")
struct OmissionTests {
    @Test func theOtherStrikesStayWhatTheyWere() throws {
        var options = SimulationOptions(seed: 9, profile: .chaos, nodeCount: 3, shardCount: 1)
        options.omissions.loadMilliseconds = 3_000
        let all = strikes(options)
        let kept = all.keys.sorted().filter { $0.isMultiple(of: 2) }
        try #require(kept.count > 1)
        options.omissions.onlyStrikes = kept
        #expect(strikes(options) == all.filter { kept.contains($0.key) })
        let fault = try #require(all[kept[0]])
        options.omissions.onlyStrikes = nil
        options.omissions.faults = [fault]
        #expect(strikes(options) == all.filter { $0.value != fault })
    }

    @Test func withoutLoadNothingIsAskedBeforeAllIsWell() {
        var options = SimulationOptions(seed: 2, profile: .lan, nodeCount: 3, shardCount: 1)
        let all = Simulation.run(options).statistics
        options.omissions.commands = SimulationOmissions.commandNames
        options.omissions.onlyStrikes = []
        options.omissions.noise = true
        let least = Simulation.run(options).statistics
        // Three commands at each node show that the cluster lives.
        #expect(least.commandsAcknowledged == 9 && least.localReads == 3)
        #expect(all.commandsAcknowledged > 50 && least.faults.isEmpty)
    }

    @Test func theCommandThatRunsItAgainNamesEverythingLeftOut() {
        var options = SimulationOptions(seed: 7, profile: .disk, nodeCount: 5, shardCount: 2)
        options.omissions.faults = ["disk full", "process killed"]
        options.omissions.onlyStrikes = [3, 8]
        options.omissions.commands = ["get", "burst"]
        options.omissions.clientsPerNode = 1
        options.omissions.loadMilliseconds = 1_200
        options.omissions.noise = true
        options.omissions.smallLimits = true
        #expect(
            options.replayCommand
                == #"decree-simulate --seed 7 --profile disk --nodes 5 --shards 2 --without-faults "disk full,process killed""#
                + " --only-strikes 3,8 --without-commands get,burst --clients 1 --load-milliseconds 1200 --without-noise --usual-limits")
    }
}
