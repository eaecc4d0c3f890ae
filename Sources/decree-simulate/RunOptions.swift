import ArgumentParser
import Simulator

/// What decides a run, but for its seed.
struct RunOptions: ParsableArguments {
    @Option(help: "lan, wan, disk or chaos; without it, each seed takes the next.") var profile: Profile?
    @Option(help: "Nodes in the cluster; without it, the seed decides (3 or 5).") var nodes: Int?
    @Option(help: "Shards in the cluster; without it, the seed decides (1 to 4).") var shards: Int?
    @Option(help: ArgumentHelp("Faults that do not strike, by their names in the summary.", valueName: "fault,fault"))
    var withoutFaults: NameList?
    @Option(help: ArgumentHelp("Only these strikes of faults, by their numbers in a transcript.", valueName: "number,number|none"))
    var onlyStrikes: NumberList?
    @Option(
        help: ArgumentHelp(
            "Commands that no client sends: \(SimulationOmissions.commandNames.joined(separator: ", ")).", valueName: "command,command"))
    var withoutCommands: NameList?
    @Option(help: "At most so many clients at each node; without it, the seed decides.") var clients: Int?
    @Option(help: "So long the cluster is under load and faults; without it, the seed decides.") var loadMilliseconds: Int?
    @Flag(help: "No datagram is lost, doubled or spoiled but by a strike.") var withoutNoise = false
    @Flag(help: "No bounds of the production code that the seed draws.") var usualLimits = false
    @Option(help: "What happens instead of faults drawn at random: service or laggard.") var scenario: Scenario?
    @Option(help: ArgumentHelp("With --fault-node and --fault-call: error, full or power-loss.", valueName: "fault"))
    var fault: PlannedFault.Kind?
    @Option(help: "At whose disk, from 1.") var faultNode: Int?
    @Option(help: "At which of its calls, from 1.") var faultCall: Int?

    func validate() throws {
        if let nodes, !(2...9).contains(nodes) { throw ValidationError("--nodes is 2 to 9") }
        if let shards, !(1...16).contains(shards) { throw ValidationError("--shards is 1 to 16") }
        if [fault != nil, faultNode != nil, faultCall != nil].contains(where: { $0 != (fault != nil) }) {
            throw ValidationError("--fault, --fault-node and --fault-call go together")
        }
        if let faultNode, !(1...(nodes ?? 3)).contains(faultNode) { throw ValidationError("--fault-node is 1 to the number of nodes") }
        if let clients, clients < 0 { throw ValidationError("--clients is 0 or more") }
        if let loadMilliseconds, loadMilliseconds < 0 { throw ValidationError("--load-milliseconds is 0 or more") }
        try check(withoutFaults, "--without-faults", SimulationOmissions.faultNames)
        try check(withoutCommands, "--without-commands", SimulationOmissions.commandNames)
    }

    private func check(_ names: NameList?, _ option: String, _ known: [String]) throws {
        if let name = names?.names.first(where: { !known.contains($0) }) {
            throw ValidationError("\(option): there is no '\(name)' among \(known.joined(separator: ", "))")
        }
    }

    func options(seed: UInt64) -> SimulationOptions {
        var options = SimulationOptions(
            seed: seed, profile: profile ?? Profile.allCases[Int(seed % UInt64(Profile.allCases.count))], nodeCount: nodes,
            shardCount: shards)
        options.omissions.faults = withoutFaults?.names ?? []
        options.omissions.onlyStrikes = onlyStrikes?.numbers
        options.omissions.commands = withoutCommands?.names ?? []
        options.omissions.clientsPerNode = clients
        options.omissions.loadMilliseconds = loadMilliseconds
        options.omissions.noise = withoutNoise
        options.omissions.smallLimits = usualLimits
        options.scenario = scenario
        if let fault, let faultNode, let faultCall { options.planned = PlannedFault(node: faultNode, call: faultCall, kind: fault) }
        return options
    }
}

extension Profile: ExpressibleByArgument {}

struct NameList: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) { names = argument.split(separator: ",").map(String.init) }
}

struct NumberList: ExpressibleByArgument {
    let numbers: [Int]

    init?(argument: String) {
        let parts = argument == "none" ? [] : argument.split(separator: ",")
        numbers = parts.compactMap { Int($0) }
        if numbers.count != parts.count { return nil }
    }
}

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
