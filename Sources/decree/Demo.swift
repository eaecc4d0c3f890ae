import ArgumentParser
import Node

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run three nodes, as of three datacenters, on this machine, until Ctrl-C.",
        discussion: "Three real processes and two shards: a* led from Datacenter1, b* led from Datacenter2.")

    @Option(help: "Where the cluster file, the nodes' directories and their logs go.")
    var data = "decree-demo"

    @Option(help: "The first of three client ports; peers use those from 100 above it.")
    var port = 7001

    func validate() throws {
        guard DemoCluster.portRange.contains(port) else {
            throw ValidationError("--port goes from 1 to \(DemoCluster.portRange.upperBound), so that the ports above it exist")
        }
    }

    func run() async throws {
        try await DemoCluster.run(directory: data, firstPort: port)
    }
}
