import ArgumentParser
import Node

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run one node in the foreground, until SIGTERM or SIGINT.")

    @Option(help: "The cluster file, the same on every node.")
    var config: String

    @Option(help: "The name of this node in the cluster file.")
    var node: String

    @Option(help: "The directory that holds this node's replicas; made where there is none.")
    var data: String

    @Flag(help: ArgumentHelp("Stop, as on SIGTERM, when standard input ends.", visibility: .hidden))
    var untilInputEnds = false

    func run() async throws {
        try await NodeProcess(configurationPath: config, nodeName: node, directory: data, stopsWhenInputEnds: untilInputEnds).run()
    }
}
