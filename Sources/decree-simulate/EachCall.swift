import ArgumentParser
import Simulator

/// A fault at each call of one node's disk in turn.
struct EachCall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "each-call", abstract: "One run for each call that a node makes of its disk, which fails at that call.",
        discussion: "Prints what came of it, by the kind of call. Stops at the first violation, with exit code 1.")

    @Argument(help: "error, full (where a call writes) or power-loss (where a call changes the disk).") var fault: PlannedFault.Kind
    @Option(help: "service: a cluster starts and serves; laggard: the last node is away for a while, and catches up.") var scenario =
        Scenario.service
    @Option(help: "Whose disk, from 1.") var node = 3
    @Option(help: "Only between the first and the last call for files whose path contains this.") var around: String?
    @Option(help: "At most so many calls, from the first.") var calls = 500
    @Option(help: "Only every so many-th call.") var step = 1
    @Option var seed: UInt64 = 1
    @Flag(help: "A line for each call.") var verbose = false

    func validate() throws {
        guard (1...Scenario.nodeCount).contains(node) else { throw ValidationError("--node is 1 to \(Scenario.nodeCount)") }
        guard calls > 0, step > 0 else { throw ValidationError("--calls and --step are 1 or more") }
    }

    func run() throws {
        TrapReport.install()
        let sweep = CallSweep(kind: fault, scenario: scenario, node: node, seed: seed)
        let all = sweep.calls()
        let chosen = Array((around.map { all.span(of: $0) } ?? all).prefix(calls))
        guard let first = chosen.first, let last = chosen.last else {
            print("no such call among \(all.count)")
            throw ExitCode.failure
        }
        print("\(fault.rawValue) at each of \(chosen.count) calls, from \(first.number) to \(last.number) of \(all.last?.number ?? 0)")
        var table = OutcomeTable()
        for index in stride(from: 0, to: chosen.count, by: step) {
            let outcome = sweep.run(chosen[index])
            table.add(outcome)
            if verbose { print("\(chosen[index].number) \(chosen[index].text): \(outcome.result.endings.first ?? "went on")") }
            if let violation = outcome.result.violations.first {
                table.print()
                print("\n\(chosen[index].text): \(violation)\n\(TrapReport.replayPrefix)\(outcome.options.replayCommand)")
                throw ExitCode.failure
            }
        }
        table.print()
        print("no violation")
    }
}

extension PlannedFault.Kind: ExpressibleByArgument {}
extension Scenario: ExpressibleByArgument {}

extension DiskCall {
    var text: String { "\(action) of \(path)" }

    /// The same of every replica and slot.
    fileprivate var kindText: String {
        let name = path.split(separator: "/").last.map { String($0.map { $0.isNumber ? "#" : $0 }) } ?? "a temporary file"
        return "\(action) \(name)"
    }
}

/// By the kind of call: what its failing came to.
private struct OutcomeTable {
    private var rows: [String: (calls: Int, endings: Int, line: String)] = [:]

    mutating func add(_ outcome: CallSweep.Outcome) {
        var row = rows[outcome.call.kindText] ?? (0, 0, "")
        row.calls += 1
        if let line = outcome.result.endings.first {
            row.endings += 1
            if row.line.isEmpty { row.line = line }
        }
        rows[outcome.call.kindText] = row
    }

    func print() {
        Swift.print("| call | times | process ended | the first line |\n| --- | ---: | ---: | --- |")
        for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
            Swift.print("| \(name) | \(row.calls) | \(row.endings) | \(row.line) |")
        }
    }
}
