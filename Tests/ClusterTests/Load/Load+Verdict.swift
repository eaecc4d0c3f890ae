import Linearizability
import Testing

extension Load {
    /// Expects of a cluster that is up, once the clients have stopped: every answer that was given holds, and every file is whole.
    func expectNothingLost(_ cluster: Cluster, _ label: String) throws {
        guard cluster.waitUntilServing(seconds: 60) else { return }
        guard let final = Self.finalReads(cluster) else { return cluster.fail("\(label): a node does not answer the final reads") }
        print("\(label): \(LoadSummary(records))")
        cluster.expect(unexpected.isEmpty, "\(label): \(unexpected.prefix(5))")
        Self.expectCountersAddUp(records, final: final, cluster)
        Self.expectLinearizable(records + final, cluster)
        try cluster.expectIntegrity()
        cluster.expect(cluster.crashLines().isEmpty, "\(label): \(cluster.crashLines())")
    }

    /// Reads every key through every node, as calls of the history. Nil where a node gives no answer.
    static func finalReads(_ cluster: Cluster) -> [Record]? {
        var records: [Record] = []
        let workload = Workload(client: "final", generator: SeededGenerator(seed: 0))
        for (index, node) in cluster.nodes.enumerated() {
            guard var client = try? RESPClient(node.client, seconds: 10) else { return nil }
            for target in Workload.targets {
                let request = workload.request(target, .get)
                let invoked = monotonicNanoseconds()
                guard let reply = try? client.ask(request.words), case .result(let result) = Answer(reply, to: request) else { return nil }
                let outcome = KeyModel.Call.Outcome.returned(result, at: monotonicNanoseconds())
                records.append(
                    Record(target: target, call: KeyModel.Call(process: -1 - index, input: .get, invoked: invoked, outcome: outcome)))
            }
        }
        return records
    }

    /// Expects that each key's calls can be put in an order that gives every answer.
    static func expectLinearizable(_ records: [Record], _ cluster: Cluster) {
        let verdicts = Checker(KeyModel()).check(records.map { (key: $0.target, call: $0.call) })
        for (target, verdict) in verdicts where !verdict.isLinearizable { cluster.fail("\(target.name) is \(verdict)") }
    }

    /// Expects every counter to hold each acknowledged increment once, and of the unknown ones each at most once.
    static func expectCountersAddUp(_ records: [Record], final: [Record], _ cluster: Cluster) {
        for read in final {
            guard case .counter(let name) = read.target, case .value(let value) = read.call.output else { continue }
            let increments = records.filter { $0.target == read.target && $0.call.input != .get }
            let acknowledged = increments.count { $0.call.output != nil }
            let sum = Int(value ?? "0") ?? -1
            cluster.expect(
                (acknowledged...increments.count).contains(sum),
                "\(name) is \(sum), and \(acknowledged) to \(increments.count) increments may have happened")
        }
    }
}

/// What a run came to, for a person to read.
struct LoadSummary: CustomStringConvertible {
    let calls: Int
    let acknowledged: Int
    let unknown: Int
    /// By shard: the longest time in which no write was acknowledged, in milliseconds, and how many such times exceeded 250 ms.
    let gaps: [(shard: String, longest: UInt64, count: Int)]

    init(_ records: [Load.Record]) {
        calls = records.count
        acknowledged = records.count { $0.call.output != nil }
        unknown = calls - acknowledged
        gaps = Workload.shards.map { shard in
            let times = records.compactMap { record -> UInt64? in
                guard record.target.shard == shard, record.call.input != .get, case .returned(_, let at) = record.call.outcome
                else { return nil }
                return at / 1_000_000
            }.sorted()
            let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
            return (shard, gaps.max() ?? 0, gaps.count { $0 > 250 })
        }
    }

    var description: String {
        let outages = gaps.map { "\($0.shard)*: longest outage \($0.longest) ms, \($0.count) above 250 ms" }
        return "\(calls) calls, \(acknowledged) acknowledged, \(unknown) unknown; \(outages.joined(separator: "; "))"
    }
}
