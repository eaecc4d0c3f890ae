import ArgumentParser
import Node

struct Replace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a node that has lost its directory its place in every shard back.",
        discussion: """
            Start the node with an empty directory first. Through the log it becomes a learner, catches up by snapshot, and then votes; \
            the other nodes go on meanwhile.
            """)

    @Option(help: ArgumentHelp("The client address of any node.", valueName: "host:port"))
    var endpoint = "127.0.0.1:7001"

    @Option(help: "The name of the node in the cluster file.")
    var node: String

    @Option(help: ArgumentHelp("How long to wait until it votes.", valueName: "seconds"))
    var wait = 60

    func run() throws {
        var replacement = Replacement(endpoint: endpoint, node: node, waitSeconds: wait, say: printNow)
        try replacement.run()
    }
}
