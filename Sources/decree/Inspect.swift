import ArgumentParser
import Node

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the promise, the log and the table of a replica, whether its node is up or down.")

    @Argument(help: "A replica's directory, or a node's with all its replicas.")
    var directory: String

    func run() throws {
        print(try Inspection.text(of: directory), terminator: "")
    }
}
