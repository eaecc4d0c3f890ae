import Foundation

/// One system's servers on this machine, started and ended by their process ids.
final class Cluster {
    let driver: any SystemDriver
    let directory: String
    private var processes: [ServerProcess?]

    /// The directory is made anew; it is removed at the end. Refused where something listens already: it would be measured in the servers'
    /// place, and filled.
    init(_ driver: any SystemDriver, in parent: String) throws(BenchFailure) {
        for endpoint in driver.endpoints where (try? Server(endpoint, driver.peer, timeout: 1)) != nil {
            throw BenchFailure("\(endpoint), for \(driver.name), is in use: stop what listens there, or name other ports with --port")
        }
        self.driver = driver
        directory = "\(parent)/\(driver.name.lowercased().filter { $0.isLetter || $0.isNumber })"
        processes = driver.endpoints.map { _ in nil }
        do {
            try? FileManager.default.removeItem(atPath: directory)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw BenchFailure("can't make \(directory): \(error.localizedDescription)")
        }
        try driver.prepare(directory)
    }

    deinit {
        for process in processes { process?.kill() }
        try? FileManager.default.removeItem(atPath: directory)
    }

    var nodes: Range<Int> { processes.indices }
    var usage: Usage { Usage(processes.compactMap { $0?.id }) }

    func start(_ node: Int) throws(BenchFailure) {
        let command = driver.command(node, directory)
        processes[node] = try ServerProcess(command, log: log(node))
    }

    func log(_ node: Int) -> String { "\(directory)/log\(node + 1)" }

    func startAll() throws(BenchFailure) {
        for node in nodes { try start(node) }
    }

    func kill(_ node: Int) {
        processes[node]?.kill()
        processes[node] = nil
    }

    func killAll() {
        for node in nodes { kill(node) }
    }

    func stop(_ node: Int) {
        processes[node]?.stop()
        processes[node] = nil
    }

    /// What a node has on its disk is gone.
    func wipe(_ node: Int) throws(BenchFailure) {
        try? FileManager.default.removeItem(atPath: "\(directory)/data\(node + 1)")
        _ = FileManager.default.createFile(atPath: "\(directory)/returning\(node + 1)", contents: nil)
        try driver.prepare(directory)
    }

    // Waiting

    /// Until all nodes are there and one leads, and a write through each that takes writes is acknowledged.
    func waitUntilWritable(seconds: Double = 60) throws(BenchFailure) {
        for node in driver.writableNodes {
            try wait("a write through node \(node + 1) of \(driver.name)", seconds) {
                guard var server = try? Server(driver.endpoints[node], driver.peer, timeout: 2) else { return false }
                return (try? server.set("a-ready", "1")) != nil && (driver.waitFor > 0 || (try? server.set("b-ready", "1")) != nil)
            }
        }
        for node in nodes { try waitUntilCurrent(node, seconds: seconds) }
    }

    /// Until a node has what the leader had a moment ago.
    func waitUntilCurrent(_ node: Int, seconds: Double = 120) throws(BenchFailure) {
        try wait("node \(node + 1) of \(driver.name) to be current", seconds) {
            guard let leader = driver.leader(), let goal = driver.position(leader) else { return false }
            if node == leader { return true }
            usleep(20_000)
            return driver.position(node).map { $0 >= goal } ?? false
        }
    }

    func leader(seconds: Double = 30) throws(BenchFailure) -> Int {
        var found: Int?
        try wait("a leader of \(driver.name)", seconds) {
            found = driver.leader()
            return found != nil
        }
        return found ?? 0
    }

    private func wait(_ what: String, _ seconds: Double, _ condition: () -> Bool) throws(BenchFailure) {
        let deadline = Clock.now() + Clock.nanoseconds(seconds)
        while !condition() {
            guard Clock.now() < deadline else { throw BenchFailure("waited \(Text.seconds(seconds)) in vain for \(what): \(lastWords)") }
            for node in nodes where processes[node]?.hasEnded ?? false {
                throw BenchFailure("node \(node + 1) of \(driver.name) has ended: \(lastWords)")
            }
            usleep(5000)
        }
    }

    /// The ends of the nodes' logs.
    private var lastWords: String {
        let ends = nodes.map { node in
            let text = (try? String(contentsOfFile: log(node), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").last.map(String.init) ?? "no word"
        }
        return ends.joined(separator: " | ")
    }
}
