import FaultVFS

/// The same run again and again, with one fault at another call of one node's disk each time.
package struct CallSweep: Sendable {
    package let kind: PlannedFault.Kind
    package let scenario: Scenario
    /// From 1.
    package let node: Int
    package let seed: UInt64

    package init(kind: PlannedFault.Kind, scenario: Scenario, node: Int, seed: UInt64) {
        self.kind = kind
        self.scenario = scenario
        self.node = node
        self.seed = seed
    }

    /// What came of a fault at one call.
    package struct Outcome: Sendable {
        package let call: DiskCall
        package let options: SimulationOptions
        package let result: SimulationResult

        package var hasEnded: Bool { !result.endings.isEmpty }
    }

    private var plain: SimulationOptions {
        var options = SimulationOptions(seed: seed, profile: .disk, nodeCount: Scenario.nodeCount, shardCount: 1)
        options.scenario = scenario
        options.omissions.noise = true
        options.omissions.onlyStrikes = []
        options.omissions.loadMilliseconds = scenario.loadMilliseconds
        return options
    }

    /// The calls that a run makes where nothing goes wrong: a loss of power matters only in those that change the disk, and only a write
    /// takes room.
    package func calls() -> [DiskCall] {
        var options = plain
        options.recordsCallsOfNode = node
        Simulation.seedSQLite(seed)
        let calls = Simulation.run(options).diskCalls
        switch kind {
        case .error: return calls
        case .full: return calls.filter { $0.action == .write }
        case .powerLoss: return calls.filter(\.changesDisk)
        }
    }

    package func run(_ call: DiskCall) -> Outcome {
        var options = plain
        options.planned = PlannedFault(node: node, call: call.number, kind: kind)
        Simulation.seedSQLite(seed)
        return Outcome(call: call, options: options, result: Simulation.run(options))
    }
}

extension Array<DiskCall> {
    /// From the first to the last that has to do with such a file, whatever else is done between.
    package func span(of name: String) -> [DiskCall] {
        guard let first = firstIndex(where: { $0.path.contains(name) }), let last = lastIndex(where: { $0.path.contains(name) }) else {
            return []
        }
        return Array(self[first...last])
    }
}
