import Foundation

/// Decree's nodes in three datacenters that are far apart, with clients in each.
package struct Wan {
    private let settings: WanSettings
    private let program: String
    private let port: Int
    private let directory: String
    private let say: (String) -> Void

    package init(
        _ settings: WanSettings, program: String, port: Int, in directory: String, say: @escaping (String) -> Void
    ) throws(BenchFailure) {
        self.settings = try settings.validated()
        self.program = program
        self.port = port
        self.directory = directory
        self.say = say
    }

    /// Where a node finds another's peer port: its own is where it is, the others' are the relay's.
    private static func peerPort(_ port: Int, of node: Int, seenBy reader: Int) -> Int {
        node == reader ? port + 10 + node : port + 30 + 3 * reader + node
    }

    private var links: [Relay.Link] {
        (0..<3).flatMap { reader in
            (0..<3).filter { $0 != reader }.map { node in
                Relay.Link(
                    port: Self.peerPort(port, of: node, seenBy: reader), target: port + 10 + node,
                    delay: UInt64(settings.roundTrip(reader, node) / 2 * 1e6))
            }
        }
    }

    package func run() throws(BenchFailure) -> [Finding] {
        let relay = try RelayThread(links, jitter: UInt64(settings.jitter * 1e6), loss: settings.loss / 100, seed: settings.seed)
        let port = port
        let driver = DecreeDriver(program: program, port: port) { Self.peerPort(port, of: $0, seenBy: $1) }
        let cluster = try Cluster(driver, in: directory)
        try cluster.startAll()
        try cluster.waitUntilWritable()
        let leaders = try leaders(driver)
        let ballots = driver.ballots()
        say("three datacenters serve; shards are led by \(leaders.map { "dc\($0 + 1)" }.joined(separator: " and "))")
        var findings = try measure(driver, leaders)
        let elections = driver.ballots().map { ballot, round in round > ballots[ballot] ?? 0 ? Double(round - (ballots[ballot] ?? 0)) : 0 }
        cluster.killAll()
        let report = try relay.stop()
        let figures = [
            Finding.Figure("handed over late, p50", report.lateMedian, .microseconds),
            Finding.Figure("p99", report.lateP99, .microseconds), Finding.Figure("longest", report.lateMax, .microseconds),
            Finding.Figure("of a processor", report.busy, .ratio), Finding.Figure("pieces", Double(report.parcels), .count),
            Finding.Figure("lost", Double(report.lost), .count), Finding.Figure("elections", elections.reduce(0, +), .count),
        ]
        findings.append(Finding(scenario: "relay", system: "relay", round: 1, figures: figures))
        return findings
    }

    /// The leader of each shard, once it is the one that the cluster file prefers.
    private func leaders(_ driver: DecreeDriver) throws(BenchFailure) -> [Int] {
        let deadline = Clock.now() + 60 * Clock.second
        while driver.leaders() != [0, 1] {
            guard Clock.now() < deadline else {
                throw BenchFailure("the shards' leaders are \(driver.leaders()) after a minute, not dc1 and dc2")
            }
            usleep(50_000)
        }
        return [0, 1]
    }

    private func measure(_ driver: DecreeDriver, _ leaders: [Int]) throws(BenchFailure) -> [Finding] {
        var loads: [(kind: WanSettings.Kind, client: Int, shard: Int, thread: LoadThread)] = []
        for (shard, prefix) in ["a", "b"].enumerated() {
            let keys = try KeySpace(count: 1000, prefixes: [.init(prefix)])
            _ = try LoadLoop(LoadSettings(endpoints: [driver.endpoints[leaders[shard]]], keys: keys).filling()).run()
            for client in 0..<3 {
                for kind in WanSettings.Kind.allCases {
                    var load = LoadSettings(endpoints: [driver.endpoints[client]], keys: keys)
                    load.mix = kind == .write ? .set : .get
                    load.isReadOnly = kind == .local
                    load.rate = settings.rate
                    load.clients = 64
                    load.seconds = settings.seconds
                    load.seed = settings.seed &+ UInt64(loads.count)
                    loads.append((kind, client, shard, LoadThread(load)))
                }
            }
        }
        var findings: [Finding] = []
        for load in loads {
            let result = try load.thread.result().result
            let bound = 1000 * settings.bound(load.kind, client: load.client, leader: leaders[load.shard])
            findings.append(finding(load.kind, load.client, load.shard, result, bound))
        }
        return findings
    }

    private func finding(_ kind: WanSettings.Kind, _ client: Int, _ shard: Int, _ result: LoadResult, _ bound: Double) -> Finding {
        let latency = result.operations.first?.latency ?? LoadResult.Latency()
        var figures = [
            Finding.Figure("bound", bound, .microseconds), Finding.Figure("p50", latency.p50, .microseconds),
            Finding.Figure("p99", latency.p99, .microseconds), Finding.Figure("operations", Double(result.count), .count),
        ]
        if bound > 0 { figures.append(Finding.Figure("p50 / bound", latency.p50 / bound, .ratio)) }
        return Finding(
            scenario: kind.rawValue, system: "Datacenter\(client + 1)", variant: "shard\(shard + 1)", round: 1, figures: figures,
            errors: result.errors)
    }
}
