import ArgumentParser
import Node

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the shards by datacenters: leaders, ballots, slots, lag, and how the peers reach each other.")

    @Option(help: ArgumentHelp("The client address of any node.", valueName: "host:port"))
    var endpoint = "127.0.0.1:7001"

    @Flag(help: "Everything that the nodes say, as one JSON document.")
    var json = false

    func run() throws {
        let status = try ClusterStatus.gather(from: endpoint)
        print(json ? status.json() + "\n" : status.table(), terminator: "")
    }
}
