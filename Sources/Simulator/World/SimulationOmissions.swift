/// What a run leaves out of what its seed draws, so that less is left to look at. What it does not leave out stays as it was, as far
/// as one thing does not follow from another.
package struct SimulationOmissions: Hashable, Sendable {
    /// Names of faults.
    package var faults: [String] = []
    /// Only these strikes take place, by their numbers; nil: all.
    package var onlyStrikes: [Int]?
    /// Names of commands.
    package var commands: [String] = []
    /// At most so many clients ask at each node.
    package var clientsPerNode: Int?
    /// So long the cluster is under load and faults.
    package var loadMilliseconds: Int?
    /// Datagrams that are lost, doubled and spoiled for no reason.
    package var noise = false
    /// The production code's own bounds, not those that the seed draws.
    package var smallLimits = false

    package init() {}

    package static var faultNames: [String] { FaultKind.allCases.map(\.rawValue) }
    package static var commandNames: [String] { Workload.Kind.allCases.map(\.rawValue) }

    /// As `decree-simulate` understands them.
    package var arguments: [String] {
        var arguments: [String] = []
        if !faults.isEmpty { arguments.append("--without-faults \"\(faults.joined(separator: ","))\"") }
        if let onlyStrikes {
            arguments.append("--only-strikes \(onlyStrikes.isEmpty ? "none" : onlyStrikes.map(String.init).joined(separator: ","))")
        }
        if !commands.isEmpty { arguments.append("--without-commands \(commands.joined(separator: ","))") }
        if let clientsPerNode { arguments.append("--clients \(clientsPerNode)") }
        if let loadMilliseconds { arguments.append("--load-milliseconds \(loadMilliseconds)") }
        if noise { arguments.append("--without-noise") }
        if smallLimits { arguments.append("--usual-limits") }
        return arguments
    }
}

/// What a run tells while it goes on, so that it is known also where the run ends the process.
package enum SimulationEvent: Sendable {
    case began(nodes: Int, shards: Int, loadMilliseconds: Int)
    /// A fault; those that are left out have numbers too.
    case struck(number: Int, fault: String)
    /// A line of the transcript, where one is kept.
    case noted(String)
}
