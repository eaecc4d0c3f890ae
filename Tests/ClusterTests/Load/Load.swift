import Linearizability
import Synchronization

/// Clients of every node at once, each a thread that asks, waits, and writes down what it was told.
final class Load: Sendable {
    struct Record: Sendable {
        let target: Workload.Target
        let call: KeyModel.Call
    }

    private struct Shared {
        var records: [Record] = []
        var unexpected: [String] = []
    }

    /// Clients wait so long for an answer; longer than a node takes to say that it does not know.
    private static let answerSeconds = 8.0

    private let shared: Mutex<Shared> = Mutex(Shared())
    private let isStopping = Atomic(false)
    /// By shard.
    private let acknowledgedCounts: Mutex<[String: Int]> = Mutex([:])
    private let nextProcess = Atomic(0)
    private let workers: Mutex<[Worker]> = Mutex([])

    init(_ cluster: Cluster, clientsPerNode: Int, seed: UInt64) {
        let started = cluster.nodes.flatMap { node in
            (0..<clientsPerNode).map { index in
                let name = "\(node.name).\(index)"
                let generator = SeededGenerator(seed: seed &+ UInt64(cluster.nodes.firstIndex(of: node)! * 1_000 + index))
                let workload = Workload(client: name, generator: generator)
                return Worker(name) { [self] in run(workload, node.client) }
            }
        }
        workers.withLock { $0 = started }
    }

    /// Requests that were answered so far.
    var acknowledged: Int { acknowledgedCounts.withLock { $0.values.reduce(0, +) } }

    /// Waits until so many more requests of each shard have been answered; false at the deadline.
    func waitForProgress(_ count: Int, seconds: Double) -> Bool {
        let before = acknowledgedCounts.withLock { $0 }
        return Deadline(seconds).wait(pollMilliseconds: 5) {
            let now = acknowledgedCounts.withLock { $0 }
            return Workload.shards.allSatisfy { now[$0, default: 0] >= before[$0, default: 0] + count }
        }
    }

    /// Lets every client finish what it asked.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        for worker in workers.withLock({ $0 }) { worker.join() }
    }

    /// What was seen; after `stop`.
    var records: [Record] { shared.withLock { $0.records } }
    var unexpected: [String] { shared.withLock { $0.unexpected } }

    private func run(_ first: Workload, _ address: SocketAddress) {
        var workload = first
        while !isStopping.load(ordering: .relaxed) {
            guard var client = try? RESPClient(address, seconds: Self.answerSeconds) else {
                pause(milliseconds: 20)
                continue
            }
            // One process of the history for each connection: after an unknown outcome the client is a new one.
            let process = nextProcess.add(1, ordering: .relaxed).newValue
            var isUsable = true
            while isUsable && !isStopping.load(ordering: .relaxed) {
                isUsable = ask(workload.next(), &client, &workload, process)
            }
        }
    }

    /// False if the outcome is unknown.
    private func ask(_ request: Workload.Request, _ client: inout RESPClient, _ workload: inout Workload, _ process: Int) -> Bool {
        let invoked = monotonicNanoseconds()
        let answer: Answer
        do {
            answer = Answer(try client.ask(request.words), to: request)
        } catch {
            answer = .unknown
        }
        record(request, answer, process, invoked)
        switch answer {
        case .result(let result):
            workload.saw(request, result)
            return true
        case .refused:
            // Asking again at once would only fill the log.
            pause(milliseconds: 5)
            return true
        case .unknown, .unexpected:
            return false
        }
    }

    private func record(_ request: Workload.Request, _ answer: Answer, _ process: Int, _ invoked: UInt64) {
        let outcome: KeyModel.Call.Outcome
        switch answer {
        case .refused: return
        case .result(let result):
            outcome = .returned(result, at: monotonicNanoseconds())
            acknowledgedCounts.withLock { $0[request.target.shard, default: 0] += 1 }
        case .unknown, .unexpected: outcome = .unknown
        }
        let call = KeyModel.Call(process: process, input: request.input, invoked: invoked, outcome: outcome)
        shared.withLock { shared in
            shared.records.append(Record(target: request.target, call: call))
            if case .unexpected(let text) = answer { shared.unexpected.append("\(request.words): \(text)") }
        }
    }
}
