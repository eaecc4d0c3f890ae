import ArgumentParser
import Explorer
import Glibc

/// One scenario, and how far it has come.
struct ExplorationRun {
    private let exploration: Exploration
    private let maxStates: Int
    private let start = ContinuousClock.now
    private let processorStart = Self.processorSeconds

    init(_ scenario: Scenario, maxStates: Int) {
        exploration = Exploration(scenario)
        self.maxStates = maxStates
    }

    /// Whether everything was tried.
    func finish() throws -> Bool {
        let scenario = exploration.scenario
        print("\(scenario.name): \(scenario.summary)\n  \(scenario.allowance)")
        fflush(nil)
        TrapReport.isRunning(exploration)
        defer { TrapReport.isOver() }
        var printedAt = start
        let outcome = exploration.run(statesMax: maxStates) { exploration in
            guard ContinuousClock.now - printedAt > .seconds(10) else { return }
            printedAt = ContinuousClock.now
            print("  … \(figures)")
            fflush(nil)
        }
        print("  \(figures)")
        switch outcome {
        case .complete:
            print("  complete, no violation")
            return true
        case .notComplete(let reason):
            print("  NOT complete: \(reason); no violation so far")
            return false
        case .violated(let example):
            print("\na shortest way to a violation, of \(example.eventCount) events:")
            for line in example.lines { print(line) }
            print("\nviolated: \(example.property)\nto see this again: decree-explore \(scenario.name)")
            throw ExitCode.failure
        }
    }

    private var figures: String {
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let replicas = exploration.replicaStateCounts.map { "\($0)" }.joined(separator: " + ")
        return "\(exploration.stateCount) states, depth \(exploration.depth), \(exploration.transitions) transitions, "
            + "\(rounded(seconds)) s (\(rounded(Self.processorSeconds - processorStart)) s of one core), "
            + "\(Int(Double(exploration.stateCount) / seconds)) states/s "
            + "(\(replicas) of single replicas, \(exploration.messageCount) messages)"
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
