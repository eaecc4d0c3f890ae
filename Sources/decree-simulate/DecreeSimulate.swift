import ArgumentParser
import Simulator

@main
struct DecreeSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decree-simulate",
        abstract: "Run whole clusters over simulated disks, clocks and networks, and check every promise that Decree makes.",
        discussion: "Everything in a run follows from its seed, profile, nodes and shards. Stops at the first violation, with exit code 1.")

    @Option(help: "Run this seed, twice, and compare.") var seed: UInt64?
    @Option(help: "Run these seeds: A..B, both included.") var seeds: SeedRange?
    @Option(help: "Run seeds never tried before for so many minutes.") var minutes: Double?
    @Option(help: "lan, wan, disk or chaos; without it, each seed takes the next.") var profile: Profile?
    @Option(help: "Nodes in the cluster; without it, the seed decides (3 or 5).") var nodes: Int?
    @Option(help: "Shards in the cluster; without it, the seed decides (1 to 4).") var shards: Int?
    @Flag(help: "Print the last events of the run.") var transcript = false

    func validate() throws {
        if let nodes, !(2...9).contains(nodes) { throw ValidationError("--nodes is 2 to 9") }
        if let shards, !(1...16).contains(shards) { throw ValidationError("--shards is 1 to 16") }
        if [seed != nil, seeds != nil, minutes != nil].count(where: { $0 }) != 1 {
            throw ValidationError("Give one of --seed, --seeds and --minutes.")
        }
    }

    func run() throws {
        TrapReport.install()
        if let seed { return try runOnce(seed) }
        let start = ContinuousClock.now
        let end = minutes.map { start + .seconds($0 * 60) }
        let first = seeds?.first ?? UInt64.random(in: 1 << 20...1 << 40)
        let last = seeds?.last ?? .max
        print("seeds from \(first)")
        var campaign = Campaign(start: start)
        var seed = first
        while seed <= last, end.map({ ContinuousClock.now < $0 }) ?? true {
            let options = options(seed)
            let result = run(options)
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

    private func options(_ seed: UInt64) -> SimulationOptions {
        SimulationOptions(
            seed: seed, profile: profile ?? Profile.allCases[Int(seed % UInt64(Profile.allCases.count))], nodeCount: nodes,
            shardCount: shards)
    }

    private func run(_ options: SimulationOptions) -> SimulationResult {
        TrapReport.isRunning(options)
        Simulation.seedSQLite(options.seed)
        return Simulation.run(options)
    }

    private func runOnce(_ seed: UInt64) throws {
        var options = options(seed)
        let start = ContinuousClock.now
        let result = run(options)
        var campaign = Campaign(start: start)
        campaign.add(result)
        campaign.report()
        print("digest \(String(result.digest, radix: 16))")
        if !result.violations.isEmpty { try fail(options) }
        options.keepsTranscript = transcript
        let again = run(options)
        if transcript { for line in again.transcript { print(line) } }
        guard again.digest == result.digest else {
            print("the same seed gave another run: digest \(String(again.digest, radix: 16))")
            throw ExitCode.failure
        }
    }

    /// Runs the seed again, with a transcript: keeping one for every run would cost more than the run.
    private func fail(_ options: SimulationOptions) throws {
        var options = options
        options.keepsTranscript = true
        let result = run(options)
        print("")
        for line in result.transcript { print(line) }
        print("\nseed \(options.seed), profile \(options.profile.rawValue): \(result.violations.count) violations")
        for violation in result.violations { print("  \(violation)") }
        print("\nto see this again: \(options.replayCommand)")
        throw ExitCode.failure
    }
}

extension Profile: ExpressibleByArgument {}

struct SeedRange: ExpressibleByArgument {
    let first: UInt64
    let last: UInt64

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last, last < .max else { return nil }
        self.first = first
        self.last = last
    }
}
