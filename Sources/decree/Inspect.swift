import ArgumentParser
import Foundation
import Node

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the promise, the log and the table of a replica, whether its node is up or down.",
        discussion: "Ends with 74 where one of several can't be read; the others are shown.")

    @Argument(help: "A replica's directory, or a node's with all its replicas.")
    var directory: String

    func run() throws {
        let texts = try Inspection.texts(of: directory)
        print(texts.compactMap { try? $0.get() }.joined(separator: "\n"), terminator: "")
        var failures = texts.compactMap { text -> ExitFailure? in if case .failure(let failure) = text { failure } else { nil } }
        guard let last = failures.popLast() else { return }
        for failure in failures { FileHandle.standardError.write(Data("decree: \(failure)\n".utf8)) }
        throw last
    }
}
