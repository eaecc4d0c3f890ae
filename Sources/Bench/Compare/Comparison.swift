/// The same closed loops against each system in turn.
package struct Comparison {
    package struct Settings: Sendable {
        package var mixes: [Mix] = [.set, .get]
        package var clients = [1, 16, 64, 256]
        package var pipeline = 1
        package var rounds = 1
        package var seconds = 4.0
        package var keys = 10_000
        package var valueSize = 256
        package var prefixes = [KeySpace.Prefix("a")]
        package var seed: UInt64 = 1

        package init() {}

        package var sections: [FindingReport.Section] {
            mixes.map { mix in
                FindingReport.Section(
                    mix.description, "Load: \(mix.description)",
                    note:
                        "Closed loop, \(Text.number(keys)) keys, values of \(valueSize) bytes; clients at the leader. CPU, bytes and memory are of "
                        + "all servers of a system together (memory: of the largest).",
                    variantTitle: "clients")
            }
        }
    }

    private let settings: Settings
    private let drivers: [any SystemDriver]
    private let directory: String
    private let say: (String) -> Void
    private let keys: KeySpace

    package init(
        _ settings: Settings, _ drivers: [any SystemDriver], in directory: String, say: @escaping (String) -> Void
    ) throws(BenchFailure) {
        guard settings.rounds >= 1, !settings.clients.isEmpty, !settings.mixes.isEmpty else {
            throw .usage("there must be a round, a mix and a number of clients")
        }
        self.settings = settings
        self.drivers = drivers
        self.directory = directory
        self.say = say
        keys = try KeySpace(count: settings.keys, prefixes: settings.prefixes)
        // Before anything is started.
        for driver in drivers {
            for clients in settings.clients { _ = try load(driver, node: 0, .set, clients).validated() }
        }
    }

    package func run() throws(BenchFailure) -> [Finding] {
        var clusters: [Cluster] = []
        for driver in drivers {
            say("\(driver.name): started and filled")
            let cluster = try Cluster(driver, in: directory)
            try cluster.startAll()
            try cluster.waitUntilWritable()
            clusters.append(cluster)
            _ = try LoadLoop(load(driver, node: try cluster.leader(), .set, 1).filling()).run()
        }
        var findings: [Finding] = []
        for round in 1...settings.rounds {
            for mix in settings.mixes {
                for clients in settings.clients {
                    say("round \(round), \(mix.description): \(clients) clients")
                    for cluster in clusters { findings.append(try measure(cluster, mix, clients, round)) }
                }
            }
        }
        return findings
    }

    private func load(_ driver: any SystemDriver, node: Int, _ mix: Mix, _ clients: Int) -> LoadSettings {
        var load = LoadSettings(endpoints: [driver.endpoints[node]], keys: keys)
        load.peer = driver.peer
        load.waitFor = driver.waitFor
        load.mix = mix
        load.clients = clients
        // etcd's gateway takes one request at a time on a connection.
        load.pipeline = load.peer == .redis ? settings.pipeline : 1
        load.valueSize = settings.valueSize
        load.warmUp = settings.seconds / 4
        load.seconds = settings.seconds
        load.seed = settings.seed
        return load
    }

    private func measure(_ cluster: Cluster, _ mix: Mix, _ clients: Int, _ round: Int) throws(BenchFailure) -> Finding {
        let leader = try cluster.leader()
        let before = cluster.usage
        let outcome = try LoadLoop(load(cluster.driver, node: leader, mix, clients)).run()
        let after = cluster.usage
        let result = outcome.result
        let count = Double(max(1, outcome.completed))
        let figures = [
            Finding.Figure("throughput", result.perSecond, .perSecond),
            Finding.Figure("p50", result.operations.map(\.latency.p50).max() ?? 0, .microseconds),
            Finding.Figure("p99", result.operations.map(\.latency.p99).max() ?? 0, .microseconds),
            Finding.Figure("CPU per operation", (after.cpu - before.cpu) / count, .microseconds),
            Finding.Figure("written per operation", (after.written - before.written) / count, .bytes),
            Finding.Figure("memory", after.peakMemory, .bytes),
            Finding.Figure("load generator's CPU", result.generator.cpuPerOperation, .microseconds),
        ]
        return Finding(
            scenario: mix.description, system: cluster.driver.name, variant: Text.number(clients), variantNumber: Double(clients),
            round: round,
            figures: figures, errors: result.errors)
    }
}
