import ArgumentParser
import Foundation
import Node

@main
struct Decree: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decree",
        abstract: "A durable, sharded, geo-replicated key-value store that speaks the Redis protocol.",
        discussion: "To see it work: decree demo",
        version: "decree \(Version.text)",
        subcommands: [
            Serve.self, Demo.self, Status.self, Replace.self, Backup.self, Restore.self, Verify.self, Inspect.self, BenchCommand.self,
        ]
    )

    /// A command that fails says why on one line, and ends with one of the codes of sysexits.h.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as ExitFailure {
            FileHandle.standardError.write(Data("decree: \(failure)\n".utf8))
            Foundation.exit(failure.code)
        } catch {
            exit(withError: error)
        }
    }
}
