import ArgumentParser
import Glibc
import Simulator

/// Takes away from a run what the failure does not need: whatever is taken away, the run has to break the same property. The strikes of
/// faults by delta debugging (Zeller and Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, 2002).
struct Shrinker {
    private(set) var smallest: SimulationOptions
    private var verdict: Verdict
    private let property: String
    private let end: ContinuousClock.Instant
    private var runs = 0
    private static let runsMax = 500
    private static let secondsPerRun = 60.0

    init(_ options: SimulationOptions, seconds: Double) throws {
        end = .now + .seconds(seconds)
        smallest = options
        verdict = Verdict(of: options, seconds: Self.secondsPerRun)
        guard let property = verdict.property else {
            print("seed \(options.seed) breaks nothing: there is nothing to shrink")
            throw ExitCode.failure
        }
        self.property = property
        print("shrinking: \(verdict.text)\n  \(size)")
        fflush(nil)
    }

    private var isOver: Bool { runs >= Self.runsMax || .now >= end }

    private var size: String {
        "\(verdict.nodes) nodes, \(verdict.shards) shards, \(verdict.loadMilliseconds) ms of load, \(verdict.strikes.count) strikes"
    }

    mutating func run() {
        var before: SimulationOptions
        repeat {
            before = smallest
            shortenLoad()
            takeAwayMachines()
            takeAwaySurroundings()
            takeAwayFaults()
            takeAwayStrikes()
            takeAwayCommands()
        } while smallest != before && !isOver
        print("\(runs) runs tried\(isOver ? ", and no more allowed" : "")")
    }

    /// Whether the property is still broken; then this is the smallest run so far.
    private mutating func holdsWithout(_ what: String, _ change: (inout SimulationOptions) -> Void) -> Bool {
        var candidate = smallest
        change(&candidate)
        guard candidate != smallest, !isOver else { return false }
        runs += 1
        let found = Verdict(of: candidate, seconds: Self.secondsPerRun)
        guard found.property == property else { return false }
        smallest = candidate
        verdict = found
        print("  without \(what): \(size)")
        fflush(nil)
        return true
    }

    private mutating func shortenLoad() {
        for (numerator, denominator) in [(1, 4), (1, 2), (3, 4), (7, 8)] {
            while verdict.loadMilliseconds > 0 {
                let shorter = verdict.loadMilliseconds * numerator / denominator
                let gone = verdict.loadMilliseconds - shorter
                if !holdsWithout("\(gone) ms of load", { $0.omissions.loadMilliseconds = shorter }) { break }
            }
        }
    }

    private mutating func takeAwayMachines() {
        for count in 1..<max(1, verdict.shards) {
            if holdsWithout("\(verdict.shards - count) shards", { $0.shardCount = count }) { break }
        }
        if verdict.nodes > 3 { _ = holdsWithout("\(verdict.nodes - 3) nodes", { $0.nodeCount = 3 }) }
    }

    private mutating func takeAwaySurroundings() {
        _ = holdsWithout("noise of the network") { $0.omissions.noise = true }
        _ = holdsWithout("small limits") { $0.omissions.smallLimits = true }
    }

    private mutating func takeAwayFaults() {
        let clocks = "clock beyond the bound"
        var kinds: [String] = [clocks]
        for strike in verdict.strikes where !kinds.contains(strike.fault) { kinds.append(strike.fault) }
        for kind in kinds where !smallest.omissions.faults.contains(kind) {
            _ = holdsWithout("'\(kind)'") { $0.omissions.faults.append(kind) }
        }
    }

    private mutating func takeAwayStrikes() {
        if verdict.strikes.isEmpty { return }
        if holdsWithout("all strikes", { $0.omissions.onlyStrikes = [] }) { return }
        var parts = 2
        while verdict.strikes.count > 1, !isOver {
            let numbers = verdict.strikes.map(\.number)
            let length = (numbers.count + parts - 1) / parts
            var isSmaller = false
            for start in stride(from: 0, to: numbers.count, by: length) {
                let gone = numbers[start..<min(start + length, numbers.count)]
                let left = numbers.filter { !gone.contains($0) }
                guard holdsWithout("\(gone.count) strikes", { $0.omissions.onlyStrikes = left }) else { continue }
                isSmaller = true
                break
            }
            if isSmaller {
                parts = max(2, parts - 1)
            } else if length == 1 {
                return
            } else {
                parts = min(parts * 2, numbers.count)
            }
        }
    }

    private mutating func takeAwayCommands() {
        for count in 0..<(smallest.omissions.clientsPerNode ?? 3) {
            if holdsWithout("clients but \(count) at each node", { $0.omissions.clientsPerNode = count }) { break }
        }
        for command in SimulationOmissions.commandNames where !smallest.omissions.commands.contains(command) {
            _ = holdsWithout("'\(command)'") { $0.omissions.commands.append(command) }
        }
    }
}
