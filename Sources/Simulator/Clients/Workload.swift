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
        case readSeveral, existSeveral, deleteSeveral, setSeveral
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
        asksAgain = simulation.chance.isTrue(perMille: 600)
        scans = simulation.chance.isTrue(perMille: 500)
        valueLength = simulation.chance.pick([0, 0, 100, 5_000])
    }

    func start() {
        for node in simulation.nodes {
            for _ in 0..<(1 + simulation.chance.below(3)) { scheduleNext(at: node) }
            if hasBursts { scheduleBurst(at: node) }
            if scans { scheduleScan(at: node) }
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
            let kind = simulation.chance.pick(kinds)
            if let request = several(kind) { ask(request, at: node) } else { ask(single(kind), at: node) }
        }
    }

    private func ask(_ request: ClientRequest, at node: SimulatedNode) {
        let number = simulation.ask(request, at: node) { [self] reply in
            switch reply {
            case .outcome(let outcome):
                if case .value(let bytes?) = outcome { seen[request.key] = String(decoding: bytes, as: UTF8.self) }
                scheduleNext(at: node)
            case .failed(let failure): failure.isDefinite ? scheduleElsewhere() : goOnElsewhere(with: request)
            }
        }
        if let number { watch(number, at: node) { [self] in goOnElsewhere(with: request) } } else { scheduleElsewhere() }
    }

    private func ask(_ request: SeveralRequest, at node: SimulatedNode) {
        let number = simulation.ask(request, at: node) { [self] reply in
            if case .outcome = reply { scheduleNext(at: node) } else { scheduleElsewhere() }
        }
        if let number { watch(number, at: node) { [self] in scheduleElsewhere() } } else { scheduleElsewhere() }
    }

    private func scheduleElsewhere() { scheduleNext(at: simulation.chance.pick(simulation.nodes)) }

    /// It may have happened: some clients ask again.
    private func goOnElsewhere(with request: ClientRequest) {
        guard request.canBeRepeated, asksAgain else { return scheduleElsewhere() }
        simulation.after(simulation.chance.span(thinkTime, unit: 1_000_000)) { [self] in
            if !isOver { ask(request, at: simulation.chance.pick(simulation.nodes)) }
        }
    }

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

    private func anyShard() -> String { simulation.letter(ofShard: simulation.chance.below(simulation.cluster.shards.count)) }

    /// Nil for a command for keys of one shard, and in a cluster of one.
    private func several(_ kind: Kind) -> SeveralRequest? {
        var shards = simulation.cluster.shards.indices.map { simulation.letter(ofShard: $0) }
        guard shards.count > 1 else { return nil }
        shards.shuffle(using: &simulation.chance)
        shards.removeLast(simulation.chance.below(shards.count - 1))
        let registers = shards.map { "\($0):r\(simulation.chance.below(registerCount))" }
        switch kind {
        case .readSeveral:
            let isLocal = simulation.chance.isTrue(perMille: 300)
            return SeveralRequest(kind: .read, keys: isLocal ? shards.map { "\($0):c0" } : registers, isLocal: isLocal)
        case .existSeveral: return SeveralRequest(kind: .exist, keys: registers)
        case .deleteSeveral: return SeveralRequest(kind: .delete, keys: registers)
        case .setSeveral: return SeveralRequest(kind: .set, keys: registers, tags: registers.map { _ in newTag() })
        default: return nil
        }
    }

    private func single(_ kind: Kind) -> ClientRequest {
        let shard = anyShard()
        let register = "\(shard):r\(simulation.chance.below(registerCount))"
        switch kind {
        case .get, .readSeveral, .existSeveral: return ClientRequest(input: .get, key: register)
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
    private func scheduleBurst(at node: SimulatedNode) {
        simulation.after(simulation.chance.span(100...900, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let key = "\(anyShard()):b\(node.id)"
            for _ in 0..<(2 + simulation.chance.below(14)) { simulation.ask(ClientRequest(input: .set(newTag()), key: key), at: node) }
            if simulation.chance.isTrue(perMille: 300) { simulation.ask(ClientRequest(input: .get, key: key), at: node) }
            scheduleBurst(at: node)
        }
    }

    private func scheduleScan(at node: SimulatedNode) {
        simulation.after(simulation.chance.span(100...2_000, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            Scan(simulation, at: node)?.next()
            scheduleScan(at: node)
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
