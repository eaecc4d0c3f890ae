import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// Clients that ask one thing after the other, some at one node, some at another once theirs fails; and some that hand over bursts.
/// Each seed uses its own choice of commands.
final class Workload {
    enum Kind: String, CaseIterable {
        case get, set, setIfAbsent, setIfEqual, delete, increment, readCounter, append, readText, setPair, readPair
        case readSeveral, existSeveral, deleteSeveral, setSeveral
        /// Apart from the others: many at once, key by key through all of them, and from the node's own table.
        case burst, scan, localRead

        static let single = allCases.filter { ![.burst, .scan, .localRead].contains($0) }
    }

    /// Each has its own chance, so that what happens to one leaves the others as they are.
    private final class Client {
        var chance: Chance

        init(_ simulation: Simulation, _ index: Int, at node: SimulatedNode) {
            chance = Chance(seed: simulation.options.seed, .client(index, node.id))
        }
    }

    private unowned let simulation: Simulation
    private var isOver = false
    private var tag = 0
    /// What was last seen in a register, for compare-and-set.
    private var seen: [String: String] = [:]
    private let thinkTime: ClosedRange<Int64>
    private let kinds: [Kind]
    private let registerCount: Int
    private let hasBursts: Bool
    private let asksAgain: Bool
    private let scans: Bool
    private let valueLength: Int
    /// At each node.
    private let clientCounts: [Int]

    init(_ simulation: Simulation) {
        self.simulation = simulation
        var chance = Chance(seed: simulation.options.seed, .client(0, NodeID(rawValue: 0)))
        thinkTime = chance.pick([1...40, 5...200, 20...400])
        var kinds: [Kind] = [.set, .get, .increment]
        for kind in Kind.single where chance.isTrue(perMille: 700) {
            kinds += Array(repeating: kind, count: 1 + chance.below(3))
        }
        self.kinds = kinds
        registerCount = 1 + chance.below(6)
        hasBursts = chance.isTrue(perMille: 500)
        asksAgain = chance.isTrue(perMille: 600)
        scans = chance.isTrue(perMille: 500)
        valueLength = chance.pick([0, 0, 100, 5_000])
        clientCounts = simulation.nodes.map { _ in 1 + chance.below(3) }
    }

    func start() {
        let most = simulation.options.omissions.clientsPerNode ?? .max
        for (node, count) in zip(simulation.nodes, clientCounts) {
            for index in 0..<min(count, most) { scheduleNext(Client(simulation, index + 3, at: node), at: node) }
            if hasBursts, isWanted(.burst) { scheduleBurst(Client(simulation, 0, at: node), at: node) }
            if scans, isWanted(.scan) { scheduleScan(Client(simulation, 1, at: node), at: node) }
            if isWanted(.localRead) { scheduleLocalRead(Client(simulation, 2, at: node), at: node) }
        }
    }

    private func isWanted(_ kind: Kind) -> Bool { !simulation.options.omissions.commands.contains(kind.rawValue) }

    func stop() { isOver = true }

    /// What everything must be able to do once all is well: one write, one read and one increment in each shard, at each node.
    func last(at node: SimulatedNode) -> [ClientRequest] {
        simulation.cluster.shards.indices.flatMap { ordinal in
            let shard = simulation.letter(ofShard: ordinal)
            return [
                ClientRequest(input: .set(newTag()), key: "\(shard):r0"), ClientRequest(input: .get, key: "\(shard):r0"),
                ClientRequest(input: .increment(by: 1), key: "\(shard):c0"),
                ClientRequest(input: .get, key: "\(shard):c0", isLocal: true),
            ]
        }
    }

    private func scheduleNext(_ client: Client, at node: SimulatedNode) {
        simulation.after(client.chance.span(thinkTime, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let kind = client.chance.pick(kinds)
            guard isWanted(kind) else { return scheduleNext(client, at: node) }
            if let request = several(kind, client) { ask(request, client, at: node) } else { ask(single(kind, client), client, at: node) }
        }
    }

    private func ask(_ request: ClientRequest, _ client: Client, at node: SimulatedNode) {
        let number = simulation.ask(request, at: node) { [self] reply in
            switch reply {
            case .outcome(let outcome):
                if case .value(let bytes?) = outcome { seen[request.key] = String(decoding: bytes, as: UTF8.self) }
                scheduleNext(client, at: node)
            case .failed(let failure): failure.isDefinite ? goElsewhere(client) : goElsewhere(client, with: request)
            }
        }
        if let number { watch(number, at: node) { [self] in goElsewhere(client, with: request) } } else { goElsewhere(client) }
    }

    private func ask(_ request: SeveralRequest, _ client: Client, at node: SimulatedNode) {
        let number = simulation.ask(request, at: node) { [self] reply in
            if case .outcome = reply { scheduleNext(client, at: node) } else { goElsewhere(client) }
        }
        if let number { watch(number, at: node) { [self] in goElsewhere(client) } } else { goElsewhere(client) }
    }

    /// It may have happened: some clients ask again.
    private func goElsewhere(_ client: Client, with request: ClientRequest) {
        guard request.canBeRepeated, asksAgain else { return goElsewhere(client) }
        simulation.after(client.chance.span(thinkTime, unit: 1_000_000)) { [self] in
            if !isOver { ask(request, client, at: client.chance.pick(simulation.nodes)) }
        }
    }

    private func goElsewhere(_ client: Client) { scheduleNext(client, at: client.chance.pick(simulation.nodes)) }

    /// A client whose node died goes on elsewhere.
    private func watch(_ number: Int, at node: SimulatedNode, _ goOn: @escaping () -> Void) {
        let life = node.life?.number
        simulation.after(.milliseconds(300)) { [self] in
            guard simulation.calls[number].reply == nil else { return }
            if node.life?.number == life { watch(number, at: node, goOn) } else { goOn() }
        }
    }

    /// Every value is written once.
    private func newTag() -> String {
        tag += 1
        return "v\(tag)" + String(repeating: ".", count: valueLength)
    }

    private func anyShard(_ client: Client) -> String {
        simulation.letter(ofShard: client.chance.below(simulation.cluster.shards.count))
    }

    /// Nil for a command for keys of one shard, and in a cluster of one.
    private func several(_ kind: Kind, _ client: Client) -> SeveralRequest? {
        var shards = simulation.cluster.shards.indices.map { simulation.letter(ofShard: $0) }
        guard shards.count > 1 else { return nil }
        shards.shuffle(using: &client.chance)
        shards.removeLast(client.chance.below(shards.count - 1))
        let registers = shards.map { "\($0):r\(client.chance.below(registerCount))" }
        switch kind {
        case .readSeveral:
            let isLocal = client.chance.isTrue(perMille: 300)
            return SeveralRequest(kind: .read, keys: isLocal ? shards.map { "\($0):c0" } : registers, isLocal: isLocal)
        case .existSeveral: return SeveralRequest(kind: .exist, keys: registers)
        case .deleteSeveral: return SeveralRequest(kind: .delete, keys: registers)
        case .setSeveral: return SeveralRequest(kind: .set, keys: registers, tags: registers.map { _ in newTag() })
        default: return nil
        }
    }

    private func single(_ kind: Kind, _ client: Client) -> ClientRequest {
        let shard = anyShard(client)
        let register = "\(shard):r\(client.chance.below(registerCount))"
        switch kind {
        case .get, .readSeveral, .existSeveral, .burst, .scan, .localRead: return ClientRequest(input: .get, key: register)
        case .set, .setSeveral: return ClientRequest(input: .set(newTag()), key: register)
        case .setIfAbsent: return ClientRequest(input: .setIfAbsent(newTag()), key: register)
        case .setIfEqual: return ClientRequest(input: .setIfEqual(expected: seen[register] ?? "none", newTag()), key: register)
        case .delete, .deleteSeveral: return ClientRequest(input: .delete, key: register)
        case .increment: return ClientRequest(input: .increment(by: 1), key: "\(shard):c0")
        case .readCounter: return ClientRequest(input: .get, key: "\(shard):c0")
        case .append: return ClientRequest(input: .append("\(tagForText()),"), key: "\(shard):t0")
        case .readText: return ClientRequest(input: .get, key: "\(shard):t0")
        case .setPair: return ClientRequest(input: .set(newTag()), key: "\(shard):p0", isPair: true)
        case .readPair: return ClientRequest(input: .get, key: "\(shard):p0", isPair: true)
        }
    }

    private func tagForText() -> String {
        tag += 1
        return "v\(tag)"
    }

    /// Sets of one key, pipelined: the order in which they take effect is the order in which they were handed over.
    private func scheduleBurst(_ client: Client, at node: SimulatedNode) {
        simulation.after(client.chance.span(100...900, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let key = "\(anyShard(client)):b\(node.id)"
            for _ in 0..<(2 + client.chance.below(14)) { simulation.ask(ClientRequest(input: .set(newTag()), key: key), at: node) }
            if client.chance.isTrue(perMille: 300) { simulation.ask(ClientRequest(input: .get, key: key), at: node) }
            scheduleBurst(client, at: node)
        }
    }

    private func scheduleScan(_ client: Client, at node: SimulatedNode) {
        simulation.after(client.chance.span(100...2_000, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            Scan(simulation, pageSize: 1 + client.chance.below(12), at: node)?.next()
            scheduleScan(client, at: node)
        }
    }

    private func scheduleLocalRead(_ client: Client, at node: SimulatedNode) {
        simulation.after(client.chance.span(30...300, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            simulation.ask(ClientRequest(input: .get, key: "\(anyShard(client)):c0", isLocal: true), at: node)
            scheduleLocalRead(client, at: node)
        }
    }
}
