import ArgumentParser
import Simulator

@main
struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decree-simulate", abstract: DecreeSimulate.configuration.abstract,
        subcommands: [DecreeSimulate.self, EachCall.self], defaultSubcommand: DecreeSimulate.self)
}

struct DecreeSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run whole clusters over simulated disks, clocks and networks, and check every promise that Decree makes.",
        discussion: "Everything in a run follows from its seed and options. Stops at the first violation, with exit code 1.")

    @Option(help: "Run this seed, twice, and compare.") var seed: UInt64?
    @Option(help: "Run these seeds: A..B, both included.") var seeds: SeedRange?
    @Option(help: "Run seeds never tried before for so many minutes.") var minutes: Double?
    @OptionGroup var scope: RunOptions
    @Flag(help: "Print the last events of the run, also where it traps.") var transcript = false
    @Flag(help: "Look for a smaller run that breaks the same property.") var shrink = false
    @Option(help: "How long to look.") var shrinkSeconds = 300.0
    @Flag(help: ArgumentHelp("Run the seed once, and tell the outcome to another program.", visibility: .private)) var verdict = false

    func validate() throws {
        if [seed != nil, seeds != nil, minutes != nil].count(where: { $0 }) != 1 {
            throw ValidationError("Give one of --seed, --seeds and --minutes.")
        }
    }

    func run() throws {
        if shrink { return try shrinkFailure() }
        TrapReport.install()
        if let seed { return verdict ? try Verdict.tell(scope.options(seed: seed)) : try runOnce(seed) }
        let start = ContinuousClock.now
        let end = minutes.map { start + .seconds($0 * 60) }
        let first = seeds?.first ?? UInt64.random(in: 1 << 20...1 << 40)
        let last = seeds?.last ?? .max
        print("seeds from \(first)")
        var campaign = Campaign(start: start)
        var seed = first
        while seed <= last, end.map({ ContinuousClock.now < $0 }) ?? true {
            let options = scope.options(seed: seed)
            let result = Self.run(options)
            campaign.add(result)
            if !result.violations.isEmpty {
                campaign.report()
                try fail(options)
            }
            seed += 1
        }
        campaign.report()
        print("no violation")
    }

    static func run(_ options: SimulationOptions, observe: @escaping (SimulationEvent) -> Void = { _ in }) -> SimulationResult {
        TrapReport.isRunning(options)
        Simulation.seedSQLite(options.seed)
        return Simulation.run(options, observe: observe)
    }

    private func runOnce(_ seed: UInt64) throws {
        var options = scope.options(seed: seed)
        let start = ContinuousClock.now
        // If it traps there is no second run to show it.
        options.keepsTranscript = transcript
        let result = Self.run(options) { event in if case .noted(let line) = event { TrapReport.note(line) } }
        var campaign = Campaign(start: start)
        campaign.add(result)
        campaign.report()
        print("digest \(String(result.digest, radix: 16))")
        if !result.violations.isEmpty { try fail(options) }
        options.keepsTranscript.toggle()
        let again = Self.run(options)
        for line in result.transcript { print(line) }
        guard again.digest == result.digest else {
            print("the same seed gave another run: digest \(String(again.digest, radix: 16))")
            throw ExitCode.failure
        }
    }

    /// Runs the seed again, with a transcript: keeping one for every run would cost more than the run.
    private func fail(_ options: SimulationOptions) throws {
        var options = options
        options.keepsTranscript = true
        let result = Self.run(options)
        print("")
        for line in result.transcript { print(line) }
        print("\nseed \(options.seed), profile \(options.profile.rawValue): \(result.violations.count) violations")
        for violation in result.violations { print("  \(violation)") }
        print("\n\(TrapReport.replayPrefix)\(options.replayCommand)")
        throw ExitCode.failure
    }

    /// What fails may end its process, so it runs in another one.
    private func shrinkFailure() throws {
        var options = seed.map { scope.options(seed: $0) }
        if options == nil {
            let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--shrink" }
            let child = ChildProcess.run(Array(arguments), seconds: .infinity) { print($0) }
            guard !child.hasSucceeded else { return }
            options = try child.lines.last { $0.hasPrefix(TrapReport.replayPrefix) }.flatMap { try Self.options(replaying: $0) }
        }
        guard let options else { throw ExitCode.failure }
        var shrinker = try Shrinker(options, seconds: shrinkSeconds)
        shrinker.run()
        print("\nthe smallest run found:\n")
        _ = ChildProcess.run(shrinker.smallest.arguments + ["--transcript"], seconds: 600) { print($0) }
        throw ExitCode.failure
    }

    /// The options that a failed run has said to show it again.
    private static func options(replaying line: String) throws -> SimulationOptions? {
        let command = try parse(Shell.words(String(line.dropFirst(TrapReport.replayPrefix.count))).dropFirst().map { $0 })
        return command.seed.map { command.scope.options(seed: $0) }
    }
}

/// As a shell would split them.
enum Shell {
    static func words(_ line: String) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }
}

extension SimulationOptions {
    /// Of the command that runs this again, without its name.
    var arguments: [String] { Array(Shell.words(replayCommand).dropFirst()) }
}
