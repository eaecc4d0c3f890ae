import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding
import Synchronization

/// A whole cluster in one thread under virtual time: real cores, replicas, routers, frames, storage and SQLite, over simulated disks,
/// clocks and a simulated network. Everything follows from the seed.
package final class Simulation {
    package let options: SimulationOptions
    let cluster: ClusterDescription
    let limits: SimulationLimits
    let loadCheck: LoadCheck
    /// What the run as a whole draws; nodes, clients and strikes have their own.
    var chance: Chance
    var networkChance: Chance
    var faultChance: Chance
    var agenda = Agenda()
    private(set) var digest = Digest()
    package private(set) var violations: [String] = []
    private var journal: [String] = []
    /// The lines with which storage has ended a process.
    var endings: [String] = []
    private static let journalMax = 400
    private static let lineLengthMax = 240

    private(set) var nodes: [SimulatedNode] = []
    let network: SimulatedNetwork
    var faults: FaultSchedule?
    /// By the shard's place.
    var chosen: [ChosenLog]
    var tableHashes: [TableHashCheck]
    var leases: [LeaseCheck] = []
    /// Before, clocks may have been beyond the bound that leases rest on.
    var clocksKeptBoundSince = Instant.zero
    var areElectionsCrowded = false
    var votes: [Votes] = []
    /// By its name: how many writes have been acknowledged.
    var acknowledged: [String: Int] = [:]
    /// By its name: how many times a write was handed over, each time to another session.
    var attempts: [String: Int] = [:]
    var calls: [ClientCall] = []
    var statistics = SimulationStatistics()
    let observe: (SimulationEvent) -> Void
    /// Many simulations may stand side by side in a process, and SQLite knows its file systems by their names.
    let name: String
    private static let count = Atomic(0)

    package init(_ options: SimulationOptions, observe: @escaping (SimulationEvent) -> Void = { _ in }) {
        self.options = options
        self.observe = observe
        chance = Chance(seed: options.seed, .play)
        networkChance = Chance(seed: options.seed, .network)
        faultChance = Chance(seed: options.seed, .faults)
        cluster = .drawn(options)
        chosen = cluster.shards.map { _ in ChosenLog() }
        tableHashes = cluster.shards.map { _ in TableHashCheck() }
        network = SimulatedNetwork(profile: options.profile, nodes: cluster.nodes.map(\.id), &networkChance)
        limits =
            options.scenario?.limits
            ?? (options.omissions.smallLimits ? SimulationLimits() : SimulationLimits(seed: options.seed, isWide: network.isWide))
        loadCheck = LoadCheck(limits)
        let alpha = limits.group.alpha
        votes = cluster.shards.map { _ in Votes(alpha: alpha) }
        name = "simulation\(Self.count.wrappingAdd(1, ordering: .relaxed).newValue)"
        network.simulation = self
        nodes = cluster.nodes.map { SimulatedNode($0, simulation: self) }
        if let planned = options.planned { nodes[planned.node - 1].diskFaults.plan(planned.kind.fault, atCall: planned.call) }
        if let number = options.recordsCallsOfNode { nodes[number - 1].diskFaults.record() }
        leases = cluster.shards.map { _ in LeaseCheck(clocks: nodes.map(\.clock)) }
    }

    var now: Instant { agenda.now }

    func node(_ id: NodeID) -> SimulatedNode { nodes[Int(id.rawValue) - 1] }

    /// The node whose replica of the shard leads, as far as it knows itself.
    func leader(ofShard ordinal: Int) -> SimulatedNode? {
        nodes.first { $0.life?.shards[ordinal].server.report.role == .leader }
    }

    /// Reads a node's disk as a person with a shell would: no fault strikes that, and it counts as no call.
    func peek<Result>(at node: SimulatedNode, _ body: () throws -> Result) rethrows -> Result {
        node.diskFaults.beginPeek()
        defer { node.diskFaults.endPeek() }
        return try body()
    }

    func after(_ span: Span, _ body: @escaping () -> Void) { agenda.add(at: now + span, body) }

    func run(for span: Span) { _ = run(atMost: span) { false } }

    /// Runs until `condition` holds; false where it does not within `limit`.
    func run(atMost limit: Span, until condition: () -> Bool) -> Bool {
        let end = now + limit
        while !condition() {
            guard violations.isEmpty, let body = agenda.next(until: end) else { return condition() }
            digest.mix(UInt64(bitPattern: now.nanoseconds))
            body()
        }
        return true
    }

    /// Becomes part of the digest.
    func mix(_ number: UInt64) { digest.mix(number) }
    func mix(_ text: String) { digest.mix(text) }

    /// For the transcript only.
    func note(_ text: @autoclosure () -> String) {
        guard options.keepsTranscript else { return }
        let line = text().replacing("Paxos.", with: "").replacing("KeyValue.", with: "").replacing("Replica.", with: "")
        journal.append("\(Double(now.nanoseconds / 1000) / 1000) ms  \(line.prefix(Self.lineLengthMax))")
        observe(.noted(journal[journal.count - 1]))
        if journal.count > Self.journalMax * 2 { journal.removeFirst(Self.journalMax) }
    }

    func fail(_ text: String) {
        note("VIOLATED \(text)")
        violations.append(text)
    }

    func count(_ fault: String) {
        statistics.faults[fault, default: 0] += 1
        digest.mix(fault)
    }

    var result: SimulationResult {
        SimulationResult(
            options: options, digest: digest.value, violations: violations, statistics: statistics,
            transcript: Array(journal.suffix(Self.journalMax)), endings: endings,
            diskCalls: options.recordsCallsOfNode.map { nodes[$0 - 1].diskFaults.recorded } ?? [])
    }

    /// Closes every file; nothing happens any more.
    func end() {
        statistics.virtualTime = now - .zero
        statistics.slotsApplied = chosen.reduce(0) { $0 + $1.entries.count }
        statistics.syncs = nodes.reduce(0) { $0 + $1.disk.counters.syncs }
        for node in nodes { node.end() }
        agenda.removeAll()
        faults = nil
    }
}

extension ClusterDescription {
    static func drawn(_ options: SimulationOptions) -> ClusterDescription {
        var chance = Chance(seed: options.seed, .cluster)
        let (drawnNodes, drawnShards) = (chance.isTrue(perMille: 150) ? 5 : 3, chance.pick([1, 1, 2, 2, 3, 4]))
        let nodeCount = options.nodeCount ?? drawnNodes
        let shardCount = options.shardCount ?? drawnShards
        var settings = ClusterSettings()
        settings.reads = chance.isTrue(perMille: 700) ? .lease : .quorum
        settings.requestTimeout = chance.span(1_500...5_000, unit: 1_000_000)
        // Where reads ask a quorum, a probe is answered after two rounds, and the next one stands in for it after two more.
        let isWide = options.profile == .wan || options.profile == .chaos
        settings.stalenessMax = chance.span((isWide ? 600 : 300)...2_000, unit: 1_000_000)
        let nodes = (1...nodeCount).map { number in
            let address = Address(host: "10.0.0.\(number)", port: 7000)
            return NodeDescription(
                id: NodeID(rawValue: UInt16(number)), name: "dc\(number)", datacenter: "dc\(number)", peer: address, client: address,
                http: nil)
        }
        let shards = (0..<shardCount).map { ordinal in
            let first = UInt8(ascii: "a") + UInt8(ordinal)
            let preferred = chance.isTrue(perMille: 500) ? nodes[chance.below(nodeCount)].id : nil
            return ShardDescription(
                id: ShardID(name: "shard\(ordinal + 1)"), name: "shard\(ordinal + 1)",
                keys: KeyRange(lower: [first], upper: [first + 1], text: String(UnicodeScalar(first)) + "*"), preferredLeader: preferred)
        }
        return ClusterDescription(name: "simulation", nodes: nodes, shards: shards, settings: settings)
    }
}
