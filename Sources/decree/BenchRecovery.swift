import ArgumentParser
import Bench
import Foundation

struct BenchRecovery: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Kill servers under load, and measure what clients see: Decree, etcd and Redis side by side.",
        discussion: """
            Starts each system's servers on this machine (etcd and redis-server where they are installed), with full durability. Scenarios: \
            all (everything killed), leader (killed), follower (away for a while), wiped (has lost its disk), kills (random ones; \
            counts acknowledged writes that are lost, key by key), rolling (restart of each node in turn).
            """)

    @OptionGroup var systems: SystemOptions
    @OptionGroup var output: ReportOptions

    @Option(parsing: .upToNextOption, help: "Some of: all leader follower wiped kills rolling.")
    var scenarios: [String] = RecoverySettings.Scenario.allCases.map(\.rawValue)

    @Option(help: "How often each is done; tables show medians and the worst.")
    var rounds = 1

    @Option(parsing: .upToNextOption, help: "Numbers of keys that are there when everything is killed.")
    var sizes = [10_000, 100_000]

    @Option(help: ArgumentHelp("Of the open loops.", valueName: "per-second"))
    var rate = 500.0

    @Option(help: "Connections of the loads.")
    var clients = 32

    @Option(help: ArgumentHelp("How long the follower is away.", valueName: "seconds"))
    var away = 5.0

    @Option(help: ArgumentHelp("How long random kills go on.", valueName: "seconds"))
    var killSeconds = 20.0

    @Option(help: "Of the random kills.")
    var seed: UInt64 = 1

    func run() throws {
        try failingClearly {
            try output.check()
            let settings = try settings()
            let findings = try systems.measure { drivers, directory throws(BenchFailure) in
                try Recovery(settings, drivers, in: directory, say: printProgress).run()
            }
            let report = FindingReport(
                title: "Crash recovery", subtitle: systems.subtitle(rounds: rounds), sections: settings.sections, findings: findings)
            print(report.text, terminator: "")
            try output.write(json: report.json, html: report.html)
        }
    }

    private func settings() throws(BenchFailure) -> RecoverySettings {
        var settings = RecoverySettings()
        settings.scenarios = []
        for name in scenarios {
            guard let scenario = RecoverySettings.Scenario(rawValue: name) else {
                let known = RecoverySettings.Scenario.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("'\(name)' is no scenario: one of \(known)")
            }
            settings.scenarios.append(scenario)
        }
        settings.rounds = rounds
        settings.sizes = sizes
        settings.rate = rate
        settings.clients = clients
        settings.away = away
        settings.killSeconds = killSeconds
        settings.seed = seed
        return try settings.validated()
    }
}

/// Where servers keep their data while they are measured.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where a folder for data is made meanwhile: on the disk that is to be measured.", valueName: "dir"))
    var directory = "."

    func withFolder<Result>(_ body: (String) throws(BenchFailure) -> Result) throws(BenchFailure) -> Result {
        let folder = try WorkFolder(in: URL(fileURLWithPath: directory).path)
        return try withExtendedLifetime(folder) { () throws(BenchFailure) in try body(folder.path) }
    }
}

/// Which systems are started, and where.
struct SystemOptions: ParsableArguments {
    @Option(parsing: .upToNextOption, help: "Some of: decree etcd redis redis-wait (two replicas, WAIT 1).")
    var systems: [String] = Systems.names

    @Option(help: "The first of 400 ports on 127.0.0.1.")
    var port = 17_000

    @OptionGroup var place: PlaceOptions

    func measure(
        _ body: ([any SystemDriver], String) throws(BenchFailure) -> [Finding]
    ) throws(BenchFailure) -> [Finding] {
        let drivers = try Systems.drivers(systems, program: Self.program, port: port, say: printProgress)
        return try place.withFolder { path throws(BenchFailure) in try body(drivers, path) }
    }

    /// Decree's servers are processes of this very program.
    static var program: String { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path }

    func subtitle(rounds: Int) -> String {
        "\(ProcessInfo.processInfo.activeProcessorCount) processors, all servers and clients on one machine, every write synced before it is "
            + "answered; \(rounds == 1 ? "one round" : "medians of \(rounds) rounds")."
    }
}
