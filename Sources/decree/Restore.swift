import ArgumentParser
import Node

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a node's directory of a backup: once for each node of a new cluster, before any of them is started.",
        discussion: """
            The shards and their keys have to be those of the backup. The new cluster's replicas are new lives: they can't be taken for those \
            of the old one.
            """)

    @Option(help: "What decree backup made.")
    var from: String

    @Option(help: "The new cluster's file.")
    var config: String

    @Option(help: "The name of the node in it.")
    var node: String

    @Option(help: "The node's directory; must not be there yet, or be empty.")
    var data: String

    func run() throws {
        try NodeRestore(backup: from, configurationPath: config, nodeName: node, directory: data, say: printNow).run()
    }
}
