import Foundation

/// Kills servers under load, and measures what their clients see. Rounds go through all systems in turn.
package struct Recovery {
    let settings: RecoverySettings
    private let drivers: [any SystemDriver]
    private let directory: String
    private let say: (String) -> Void

    package init(
        _ settings: RecoverySettings, _ drivers: [any SystemDriver], in directory: String, say: @escaping (String) -> Void
    ) throws(BenchFailure) {
        self.settings = try settings.validated()
        self.drivers = drivers
        self.directory = directory
        self.say = say
    }

    package func run() throws(BenchFailure) -> [Finding] {
        var findings: [Finding] = []
        for round in 1...settings.rounds {
            for scenario in settings.scenarios {
                for driver in drivers where applies(scenario, to: driver) {
                    say("round \(round), \(scenario.rawValue): \(driver.name)")
                    findings += try run(scenario, driver, round)
                }
            }
        }
        return findings
    }

    private func applies(_ scenario: RecoverySettings.Scenario, to driver: any SystemDriver) -> Bool {
        // A server that stands alone has no follower.
        driver.endpoints.count > 1 || (scenario != .follower && scenario != .wiped)
    }

    private func run(_ scenario: RecoverySettings.Scenario, _ driver: any SystemDriver, _ round: Int) throws(BenchFailure) -> [Finding] {
        switch scenario {
        case .all:
            var findings: [Finding] = []
            for size in settings.sizes { findings.append(try allKilled(try started(driver), size, round)) }
            return findings
        case .leader: return [try leaderKilled(try started(driver), round)]
        case .follower: return [try followerAway(try started(driver), round, isWiped: false)]
        case .wiped: return [try followerAway(try started(driver), round, isWiped: true)]
        case .kills: return [try randomKills(try started(driver), round)]
        case .rolling: return [try rollingRestart(try started(driver), round)]
        }
    }

    private func started(_ driver: any SystemDriver) throws(BenchFailure) -> Cluster {
        let cluster = try Cluster(driver, in: directory)
        try cluster.startAll()
        try cluster.waitUntilWritable()
        return cluster
    }

    /// Writes to all nodes that take them; points of a tenth of a second.
    func load(_ cluster: Cluster, keys: Int = 10_000) throws(BenchFailure) -> LoadSettings {
        let driver = cluster.driver
        var load = LoadSettings(
            endpoints: driver.writableNodes.map { driver.endpoints[$0] }, keys: try KeySpace(count: keys, prefixes: [.init("a")]))
        load.peer = driver.peer
        load.waitFor = driver.waitFor
        load.clients = settings.clients
        load.valueSize = settings.valueSize
        load.warmUp = 0
        load.seconds = 3600
        load.interval = 0.1
        load.seed = settings.seed
        return load
    }

    func finding(
        _ scenario: RecoverySettings.Scenario, _ cluster: Cluster, _ round: Int, size: Int? = nil, _ figures: [Finding.Figure],
        _ outcome: LoadOutcome? = nil, marks: [(moment: UInt64, text: String)] = []
    ) -> Finding {
        Finding(
            scenario: scenario.rawValue, system: cluster.driver.name, variant: size.map { Text.number($0) } ?? "",
            variantNumber: size.map(Double.init), round: round, figures: figures, errors: outcome?.result.errors ?? [:],
            timeline: outcome?.result.timeline ?? [],
            marks: marks.map { Finding.Mark(at: outcome?.seconds(of: $0.moment) ?? 0, text: $0.text) })
    }

    func pause(_ seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }
}

extension LoadOutcome {
    /// Since the measurement began.
    func seconds(of moment: UInt64) -> Double {
        moment >= began ? Clock.seconds(moment - began) : -Clock.seconds(began - moment)
    }

    /// The longest time without a success that ended behind a moment.
    func longestGap(after moment: UInt64? = nil) -> Double {
        let start = moment.map { seconds(of: $0) } ?? 0
        return result.gaps.first { $0.at + $0.seconds > start }?.seconds ?? 0
    }
}
