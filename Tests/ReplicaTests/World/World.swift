import Paxos
import Replica
import Sharding
import Simulator

/// Three datacenters in one thread under virtual time: real replicas and clients over a modelled disk and network.
/// Everything follows from the seed.
final class World {
    let seed: UInt64
    var chance: Chance
    var agenda = Agenda()
    private(set) var digest = Digest()
    private(set) var failures: [String] = []
    private var journal: [String] = []
    private static let journalMax = 160

    let cluster: ClusterSettings
    let shard: ShardDescription
    private(set) var machines: [Machine] = []
    let network: SimulatedNetwork
    var truth = ChosenLog()
    let history = History()
    /// For the lives that begin from now on.
    var limits = ShardLimits()

    init(seed: UInt64, cluster: ClusterSettings = ClusterSettings(), preferredLeader: NodeID? = nil, nodeCount: UInt16 = 3) {
        self.seed = seed
        self.cluster = cluster
        chance = Chance(seed: seed)
        network = SimulatedNetwork()
        shard = ShardDescription(
            id: ShardID(rawValue: 1), name: "shard1", keys: KeyRange(lower: [], upper: nil, text: "*"), preferredLeader: preferredLeader)
        network.world = self
        machines = (1...nodeCount).map { Machine(node: NodeID(rawValue: $0), world: self) }
    }

    var nodes: [NodeID] { machines.map(\.node) }
    var now: Instant { agenda.now }

    subscript(_ node: UInt16) -> Machine { machines[Int(node) - 1] }
    func machine(_ node: NodeID) -> Machine { self[node.rawValue] }

    /// The machine whose replica leads, as far as it knows itself.
    var leader: Machine? { machines.first { $0.life?.server.report.role == .leader } }

    func after(_ span: Span, _ body: @escaping () -> Void) { agenda.add(at: now + span, body) }

    func run(for span: Span) { run(until: now + span) }

    func run(until end: Instant) {
        while failures.isEmpty, let body = agenda.next(until: end) {
            digest.mix(UInt64(bitPattern: now.nanoseconds))
            body()
        }
    }

    /// Runs until `condition` holds; false where it does not within `limit`.
    func run(atMost limit: Span = .milliseconds(10_000), until condition: () -> Bool) -> Bool {
        let end = now + limit
        while !condition() {
            guard failures.isEmpty, let body = agenda.next(until: end) else { return condition() }
            digest.mix(UInt64(bitPattern: now.nanoseconds))
            body()
        }
        return true
    }

    func note(_ text: @autoclosure () -> String) {
        let line = "\(Double(now.nanoseconds / 1000) / 1000) ms  \(text())"
        digest.mix(line)
        journal.append(line)
        if journal.count > Self.journalMax * 2 { journal.removeFirst(Self.journalMax) }
    }

    func fail(_ text: String) {
        note("FAILED: \(text)")
        failures.append(text)
    }

    var report: String {
        let replicas = machines.map { machine in
            "  \(machine.node): " + (machine.life.map { "\($0.server.report)" } ?? "down")
        }
        return (["seed \(seed): " + failures.joined(separator: "; ")] + replicas + journal.suffix(Self.journalMax)).joined(separator: "\n")
    }
}
