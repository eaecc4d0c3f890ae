import ArgumentParser
import Bench
import Foundation
import Node

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Put load on any RESP server, and measure what it does.",
        discussion: """
            Against Decree, Redis or Valkey alike: decree bench run --endpoint 127.0.0.1:7001 --clients 64 --mix ycsb-b
            """,
        subcommands: [BenchRun.self, BenchCompare.self, BenchRecovery.self, BenchWan.self, BenchEcho.self],
        defaultSubcommand: BenchRun.self)
}

struct BenchRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "A load, closed (each client waits for its answers) or open (at a fixed rate), by one process.",
        discussion: """
            With --rate, latency is counted from when an operation should have been sent: a server that stalls is charged for all that \
            had to wait meanwhile.
            """)

    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Flag(help: "First write each key once.")
    var fill = false

    func run() throws {
        try failingClearly {
            let settings = try load.settings()
            try output.check()
            try Server.check(settings.endpoints)
            if fill { try fillKeys(settings) }
            let loop = try LoadLoop(settings, progress: progress)
            let outcome = try loop.run()
            let report = LoadReport(title: "decree bench", settings: settings, result: outcome.result)
            print(report.text, terminator: "")
            try output.write(json: report.json, html: report.html)
            if outcome.result.count == 0 { throw BenchFailure("no operation succeeded") }
        }
    }

    private func fillKeys(_ settings: LoadSettings) throws(BenchFailure) {
        let result = try LoadLoop(settings.filling()).run().result
        printProgress("filled \(settings.keys.count) keys in \(Text.seconds(result.seconds))")
    }

    private func progress(_ point: LoadResult.Point) {
        printProgress(LoadReport.progressLine(point))
    }
}

struct BenchEcho: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Answer OK to every command, doing nothing: what the load generator itself can do.",
        shouldDisplay: false)

    @Option(help: "The port on 127.0.0.1.")
    var port = 7999

    func run() throws {
        try failingClearly { try EchoServer(port: port).run() }
    }
}

/// Progress goes where it is not in the way of results.
func printProgress(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// What a measurement can't do is wrong usage or a service that can't be had: one line, as of all commands.
func failingClearly(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let failure as BenchFailure {
        throw failure.isUsage ? ExitFailure.usage(failure.description) : .unavailable(failure.description)
    }
}
