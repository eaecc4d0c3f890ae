import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// Clients that ask one thing after the other, some at one node, some at another once theirs fails; and some that hand over bursts.
/// Each seed uses its own choice of commands.
final class Workload {
    enum Kind: CaseIterable {
        case get, set, setIfAbsent, setIfEqual, delete, increment, readCounter, append, readText, setPair, readPair
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
    private let valueLength: Int

    init(_ simulation: Simulation) {
        self.simulation = simulation
        thinkTime = simulation.chance.pick([1...40, 5...200, 20...400])
        var kinds: [Kind] = [.set, .get, .increment]
        for kind in Kind.allCases where simulation.chance.isTrue(perMille: 700) {
            kinds += Array(repeating: kind, count: 1 + simulation.chance.below(3))
        }
        self.kinds = kinds
        registerCount = 1 + simulation.chance.below(6)
        hasBursts = simulation.chance.isTrue(perMille: 500)
        valueLength = simulation.chance.pick([0, 0, 100, 5_000])
    }

    func start() {
        for node in simulation.nodes {
            for _ in 0..<(1 + simulation.chance.below(3)) { scheduleNext(at: node) }
            if hasBursts { scheduleBurst(at: node) }
            scheduleLocalRead(at: node)
        }
    }

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

    private func scheduleNext(at node: SimulatedNode) {
        simulation.after(simulation.chance.span(thinkTime, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let request = draw()
            let number = simulation.ask(request, at: node) { [self] reply in
                guard case .outcome(let outcome) = reply else { return scheduleNext(at: simulation.chance.pick(simulation.nodes)) }
                if case .value(let bytes?) = outcome { seen[request.key] = String(decoding: bytes, as: UTF8.self) }
                scheduleNext(at: node)
            }
            if let number { watch(number, at: node) } else { scheduleNext(at: simulation.chance.pick(simulation.nodes)) }
        }
    }

    /// A client whose node died goes on elsewhere.
    private func watch(_ number: Int, at node: SimulatedNode) {
        let life = node.life?.number
        simulation.after(.milliseconds(300)) { [self] in
            guard simulation.calls[number].reply == nil else { return }
            if node.life?.number == life { watch(number, at: node) } else { scheduleNext(at: simulation.chance.pick(simulation.nodes)) }
        }
    }

    /// Every value is written once.
    private func newTag() -> String {
        tag += 1
        return "v\(tag)" + String(repeating: ".", count: valueLength)
    }

    private func anyShard() -> String { simulation.letter(ofShard: simulation.chance.below(simulation.cluster.shards.count)) }

    private func draw() -> ClientRequest {
        let shard = anyShard()
        let register = "\(shard):r\(simulation.chance.below(registerCount))"
        switch simulation.chance.pick(kinds) {
        case .get: return ClientRequest(input: .get, key: register)
        case .set: return ClientRequest(input: .set(newTag()), key: register)
        case .setIfAbsent: return ClientRequest(input: .setIfAbsent(newTag()), key: register)
        case .setIfEqual: return ClientRequest(input: .setIfEqual(expected: seen[register] ?? "none", newTag()), key: register)
        case .delete: return ClientRequest(input: .delete, key: register)
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
    private func scheduleBurst(at node: SimulatedNode) {
        simulation.after(simulation.chance.span(100...900, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let key = "\(anyShard()):b\(node.id)"
            for _ in 0..<(2 + simulation.chance.below(14)) { simulation.ask(ClientRequest(input: .set(newTag()), key: key), at: node) }
            if simulation.chance.isTrue(perMille: 300) { simulation.ask(ClientRequest(input: .get, key: key), at: node) }
            scheduleBurst(at: node)
        }
    }

    private func scheduleLocalRead(at node: SimulatedNode) {
        simulation.after(simulation.chance.span(30...300, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            simulation.ask(ClientRequest(input: .get, key: "\(anyShard()):c0", isLocal: true), at: node)
            scheduleLocalRead(at: node)
        }
    }
}
