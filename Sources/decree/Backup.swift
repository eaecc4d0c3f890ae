import ArgumentParser
import Node

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy each shard's table, at one slot, into a plain SQLite file, while the cluster goes on.",
        discussion: "The directory gets SHARD.sqlite for each shard, and backup.json, which says what they are.")

    @Option(help: ArgumentHelp("The client address of any node.", valueName: "host:port"))
    var endpoint = "127.0.0.1:7001"

    @Option(
        help: ArgumentHelp(
            "A directory that is not there yet; for a single shard a file may be named.", valueName: "directory-or-file.sqlite"))
    var out: String

    func run() throws {
        try ClusterBackup(endpoint: endpoint, out: out, say: printNow).run()
    }
}
