import ArgumentParser
import Bench
import Foundation

struct BenchWan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wan",
        abstract: "Three datacenters far apart, on this machine: latencies of clients in each against what geometry allows.",
        discussion: """
            A relay between the nodes delays datagrams and connections. It says itself how exactly it does.
            """)

    @OptionGroup var output: ReportOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Round trips between datacenters 1 and 2, 1 and 3, 2 and 3.", valueName: "milliseconds"))
    var rtt = [30.0, 60.0, 90.0]

    @Option(help: ArgumentHelp("Up to so much more, each way.", valueName: "milliseconds"))
    var jitter = 0.0

    @Option(help: ArgumentHelp("Of datagrams.", valueName: "percent"))
    var loss = 0.0

    @Option(help: "How long is measured.")
    var seconds = 20.0

    @Option(help: ArgumentHelp("Of each kind of operation, for each datacenter and shard.", valueName: "per-second"))
    var rate = 20.0

    @Option(help: "The first of 40 ports on 127.0.0.1.")
    var port = 17_500

    @OptionGroup var place: PlaceOptions

    @Option(help: "Of jitter, loss and keys.")
    var seed: UInt64 = 1

    func run() throws {
        try failingClearly {
            try output.check()
            var settings = WanSettings()
            settings.roundTrips = rtt
            settings.jitter = jitter
            settings.loss = loss
            settings.seconds = seconds
            settings.rate = rate
            settings.seed = seed
            let checked = try settings.validated()
            let findings = try place.withFolder { path throws(BenchFailure) in
                try Wan(checked, program: SystemOptions.program, port: port, in: path, say: printProgress).run()
            }
            let report = FindingReport(
                title: "Three datacenters", subtitle: subtitle(settings), sections: settings.sections, findings: findings)
            print(report.text, terminator: "")
            try output.write(json: report.json, html: report.html)
        }
    }

    private func subtitle(_ settings: WanSettings) -> String {
        let trips = settings.roundTrips.map { Text.number($0) }.joined(separator: "/")
        return
            "Round trips of \(trips) ms, jitter of up to \(Text.number(jitter)) ms, \(Text.number(loss)) % of datagrams lost; open loops of "
            + "\(Text.number(rate)) operations a second each, for \(Text.seconds(seconds)). shard1 is led by Datacenter1, shard2 by Datacenter2."
    }
}
