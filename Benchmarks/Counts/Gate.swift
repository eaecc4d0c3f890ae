import Benchmark

/// A count that is held against `Thresholds`.
enum Gate: CaseIterable {
    case allocations
    case reads
    case writes
    case bytesWritten
    case syncs

    /// By a file's name in `Thresholds`, and in every table. A thousand commands, since a batch shares what it costs.
    var metric: BenchmarkMetric {
        let name =
            switch self {
            case .allocations: "Allocations per 1000 commands"
            case .reads: "Read calls per 1000 commands"
            case .writes: "Write calls per 1000 commands"
            case .bytesWritten: "Bytes written per command"
            case .syncs: "Syncs per 1000 commands"
            }
        return .custom(name, polarity: .prefersSmaller, useScalingFactor: false)
    }

    /// By how much a count may differ from its threshold. The same work counts the same on every run; what is allowed is what happens
    /// once in a run (a buffer that grows later, a page more), and not with every command.
    private var tolerance: Int {
        switch self {
        case .allocations: 10
        case .reads, .writes: 1
        case .bytesWritten: 8
        case .syncs: 0
        }
    }

    static func configuration(_ gates: [Gate]) -> Benchmark.Configuration {
        Benchmark.Configuration(
            metrics: gates.map(\.metric), units: Dictionary(uniqueKeysWithValues: gates.map { ($0.metric, BenchmarkUnits.count) }),
            // The first run makes what is made once in a process. Each run does the same: their number, and no time, ends it.
            warmupIterations: 1, maxDuration: .seconds(600), maxIterations: 3,
            thresholds: Dictionary(
                uniqueKeysWithValues: gates.map { ($0.metric, BenchmarkThresholds(absolute: [.p90: $0.tolerance])) }))
    }
}

extension Benchmark {
    /// Registers what one run counts over so many commands.
    static func register(
        _ name: String, _ gates: [Gate], _ run: @escaping () throws -> (counts: Counts, commands: Int)
    ) {
        _ = Benchmark(name, configuration: Gate.configuration(gates)) { benchmark in
            let (counts, commands) = try run()
            for gate in gates { benchmark.measurement(gate.metric, counts.value(of: gate, commands: commands)) }
        }
    }
}

extension Counts {
    /// Rounded up, so that what happens seldom is not nothing.
    fileprivate func value(of gate: Gate, commands: Int) -> Int {
        func share(_ count: Int) -> Int { (count + commands - 1) / commands }
        return switch gate {
        case .allocations: share(1000 * allocations)
        case .reads: share(1000 * reads)
        case .writes: share(1000 * writes)
        case .bytesWritten: share(bytesWritten)
        case .syncs: share(1000 * syncs)
        }
    }
}
