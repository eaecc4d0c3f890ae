import Foundation
import Paxos
import Sharding

/// One node of a demo: a process of this very program.
struct DemoNode {
    let description: NodeDescription
    let layout: DemoLayout
    let events: DemoEvents.Sink
    private(set) var process: Process?
    /// Held open by us alone: when we are gone, however that came, it ends, and the node with it.
    private var input: Pipe?

    init(description: NodeDescription, layout: DemoLayout, events: DemoEvents.Sink) {
        self.description = description
        self.layout = layout
        self.events = events
    }

    var place: Int { Int(description.id.rawValue) - 1 }
    var processID: Int32? { process?.processIdentifier }
    var isRunning: Bool { process?.isRunning ?? false }

    private var arguments: [String] {
        ["serve", "--config", layout.clusterFile, "--node", description.name, "--data", layout.data(of: description)]
    }

    /// What a person can type to start this node.
    var commandLine: String { ([CommandLine.arguments[0]] + arguments).joined(separator: " ") }

    mutating func start() throws(ExitFailure) {
        let path = layout.log(of: description)
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw ExitFailure.inputOutput("can't write \(path): \(String(cString: strerror(errno)))") }
        let output = FileHandle(fileDescriptor: log, closeOnDealloc: true)
        let process = Process()
        let input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments + ["--until-input-ends"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        let (events, place) = (events, place)
        process.terminationHandler = { process in
            let code = process.terminationStatus
            let text = process.terminationReason == .exit ? "exit \(code)" : "exit \(128 + code), by signal \(code)"
            events.yield(.ended(place: place, processID: process.processIdentifier, text: text))
        }
        do {
            try process.run()
        } catch {
            throw ExitFailure.inputOutput("can't start \(commandLine): \(error.localizedDescription)")
        }
        self.process = process
        self.input = input
    }

    func textForEnd(of ended: Int32, _ text: String) -> String {
        """
        \(description.datacenter) (\(description.name), pid \(ended)) is down: \(text). Its log: \(layout.log(of: description))
          Start it again: type \(place + 1) and Enter. Or in another shell: \(commandLine)
        """
    }
}

extension [DemoNode] {
    /// Until every node answers, one has ended, or ten seconds have passed.
    func waitUntilServing() async {
        for _ in 0..<100 {
            let isReady = allSatisfy { node in (try? ClusterStatus.status(of: node.description.client)) != nil }
            if isReady || !allSatisfy(\.isRunning) { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Starts the node whose number was typed; says what came of it.
    mutating func restart(typed line: String) throws(ExitFailure) -> String? {
        let word = line.trimmingCharacters(in: .whitespaces)
        guard !word.isEmpty else { return nil }
        guard let number = Int(word), indices.contains(number - 1) else {
            let numbers = indices.map { String($0 + 1) }.joined(separator: ", ")
            return "Type \(numbers) and Enter to start that node again; Ctrl-C stops all."
        }
        let name = self[number - 1].description.datacenter
        let port = self[number - 1].description.client.port
        guard !self[number - 1].isRunning else { return "\(name) is up (pid \(self[number - 1].processID ?? 0))." }
        guard PortCheck.isFree(self[number - 1].description.client) else {
            return "\(name) has been started from elsewhere: port \(port) is in use."
        }
        try self[number - 1].start()
        return "\(name) is started (pid \(self[number - 1].processID ?? 0))."
    }

    /// Asks all to stop, and ends those that do not within ten seconds.
    func stopAll() async {
        for node in self where node.isRunning { node.process?.terminate() }
        for _ in 0..<100 where contains(where: \.isRunning) {
            try? await Task.sleep(for: .milliseconds(100))
        }
        for node in self where node.isRunning {
            if let process = node.processID { kill(process, SIGKILL) }
        }
    }
}
