import ArgumentParser
import Bench
import Foundation
import Node

/// What is sent, by how many, to whom.
struct LoadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A server; give several to spread the clients over them.", valueName: "host:port"))
    var endpoint: [String] = ["127.0.0.1:7001"]

    @Option(help: "Connections.")
    var clients = 64

    @Option(help: "Operations that a client has under way at once.")
    var pipeline = 1

    @Option(help: ArgumentHelp("An open loop: so many operations a second, whatever the server does.", valueName: "per-second"))
    var rate: Double?

    @Option(help: "How many keys there are.")
    var keys = 100_000

    @Option(help: "Bytes of a key.")
    var keySize = 16

    @Option(help: "Bytes of a value.")
    var valueSize = 256

    @Option(help: "How often which key: uniform, or zipfian (few keys often).")
    var distribution = KeySpace.Distribution.uniform

    @Option(help: "set, get, ycsb-a, ycsb-b, ycsb-c, ycsb-f, or the percentage of reads.")
    var mix = "set"

    @Option(help: ArgumentHelp("What keys begin with, so which shards they are of: ab, or with weights a:9,b:1.", valueName: "prefixes"))
    var prefixes = "a"

    @Flag(help: "Send READONLY first: reads from the server's own data.")
    var readonly = false

    @Option(help: ArgumentHelp("Redis: WAIT for so many replicas after each SET, as one operation.", valueName: "replicas"))
    var wait = 0

    @Option(help: ArgumentHelp("Not measured, before the rest.", valueName: "seconds"))
    var warmUp = 2.0

    @Option(help: "How long is measured.")
    var seconds = 10.0

    @Option(help: ArgumentHelp("An operation that takes longer has failed.", valueName: "seconds"))
    var timeout = 10.0

    @Option(help: "The same seed, the same keys in the same order.")
    var seed: UInt64 = 1

    func settings() throws(BenchFailure) -> LoadSettings {
        var endpoints: [Endpoint] = []
        for text in endpoint {
            for part in text.split(separator: ",") { endpoints.append(try Endpoint(part)) }
        }
        let keys = try KeySpace(
            count: keys, size: keySize, prefixes: KeySpace.prefixes(prefixes), distribution: distribution)
        var settings = LoadSettings(endpoints: endpoints, keys: keys)
        settings.clients = clients
        settings.pipeline = pipeline
        settings.rate = rate
        settings.valueSize = valueSize
        settings.mix = try Mix(mix)
        settings.isReadOnly = readonly
        settings.waitFor = wait
        settings.warmUp = warmUp
        settings.seconds = seconds
        settings.timeout = timeout
        settings.seed = seed
        return try settings.validated()
    }
}

extension KeySpace.Distribution: ExpressibleByArgument {}

/// Where results go besides the table.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Everything that was measured, for programs.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("A page with plots; it needs nothing but itself.", valueName: "file"))
    var html: String?

    /// Before anything is measured.
    func check() throws(ExitFailure) {
        for path in [json, html].compactMap({ $0 }) {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            guard access(folder, W_OK) == 0 else { throw .inputOutput("can't write \(path): \(String(cString: strerror(errno)))") }
        }
    }

    func write(json jsonText: @autoclosure () throws -> String, html htmlText: @autoclosure () -> String) throws {
        if let json { try write(jsonText(), to: json) }
        if let html { try write(htmlText(), to: html) }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw ExitFailure.inputOutput("can't write \(path): \(error.localizedDescription)")
        }
    }
}
