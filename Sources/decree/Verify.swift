import ArgumentParser
import Foundation
import Node

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every row and page of a node's files while the node is down.",
        discussion: "One line for each file that was looked at; ends with 74 where something is damaged.")

    @Argument(help: "A node's directory, or a replica's in it.")
    var directory: String

    func run() throws {
        let verification = try DirectoryVerification(of: directory)
        for line in verification.lines { printNow(line) }
        printNow(verification.summary)
        if verification.damagedCount > 0 { throw ExitCode(74) }
    }
}
