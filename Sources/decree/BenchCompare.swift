import ArgumentParser
import Bench

struct BenchCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Decree, etcd and Redis side by side: throughput, latency, and what the servers take for each operation.",
        discussion: """
            Starts each system's servers on this machine (etcd and redis-server where they are installed), with full durability. Each load \
            goes to all of them in turn.
            """)

    @OptionGroup var systems: SystemOptions
    @OptionGroup var output: ReportOptions

    @Option(parsing: .upToNextOption, help: "As of decree bench run: set, get, ycsb-a, …")
    var mixes = ["set", "get"]

    @Option(parsing: .upToNextOption, help: "Numbers of connections.")
    var clients = [1, 16, 64, 256]

    @Option(help: "Operations that a client has under way at once; one at a time with etcd.")
    var pipeline = 1

    @Option(help: "How often each is done; tables show medians.")
    var rounds = 1

    @Option(help: "How long each is measured.")
    var seconds = 4.0

    @Option(help: "How many keys there are.")
    var keys = 10_000

    @Option(help: "Bytes of a value; up to 1,024 where etcd is measured.")
    var valueSize = 256

    @Option(help: "What keys begin with: a are led by the node that is asked, b by another, ab half and half.")
    var prefixes = "a"

    func run() throws {
        try failingClearly {
            try output.check()
            var settings = Comparison.Settings()
            settings.mixes = []
            for mix in mixes { settings.mixes.append(try Mix(mix)) }
            settings.clients = clients
            settings.pipeline = pipeline
            settings.rounds = rounds
            settings.seconds = seconds
            settings.keys = keys
            settings.valueSize = valueSize
            settings.prefixes = try KeySpace.prefixes(prefixes)
            let checked = settings
            let findings = try systems.measure { drivers, directory throws(BenchFailure) in
                try Comparison(checked, drivers, in: directory, say: printProgress).run()
            }
            let report = FindingReport(
                title: "Side by side", subtitle: systems.subtitle(rounds: rounds), sections: checked.sections, findings: findings)
            print(report.text, terminator: "")
            try output.write(json: report.json, html: report.html)
        }
    }
}
