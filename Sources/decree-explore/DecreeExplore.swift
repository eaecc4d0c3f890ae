import ArgumentParser
import Explorer
import Glibc

@main
struct DecreeExplore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decree-explore",
        abstract: "Try everything that can happen to a small group, in every order.",
        discussion:
            "Prints a shortest way to a violation, with exit code 1. A scenario that could not be explored to its end gives exit code 2.")

    @Argument(help: "Scenarios, by name.") var names: [String] = []
    @Flag(help: "Every scenario.") var all = false
    @Flag(help: "List the scenarios.") var list = false
    @Option(help: "Give up beyond so many states.") var maxStates = 400_000_000

    func validate() throws {
        for name in names where Scenario.named(name) == nil { throw ValidationError("no scenario \"\(name)\"; --list shows them") }
        if names.isEmpty, !all, !list { throw ValidationError("Give names of scenarios, --all or --list.") }
    }

    func run() throws {
        if list {
            for scenario in Scenario.all { print("\(scenario.name): \(scenario.summary)\n  \(scenario.allowance)") }
            return
        }
        TrapReport.install()
        var isComplete = true
        for scenario in all ? Scenario.all : names.compactMap(Scenario.named) {
            let run = ExplorationRun(scenario, maxStates: maxStates)
            isComplete = try run.finish() && isComplete
        }
        if !isComplete { throw ExitCode(2) }
    }
}
