import KeyValue
import Linearizability
import Paxos
import Replica
import Simulator

/// Clients at every node: some ask one thing after the other, some hand over bursts.
final class Workload {
    private unowned let world: World
    private(set) var isOver = false
    private var tag = 0
    /// What was last seen in a register, for compare-and-set.
    private var seen: [String: String] = [:]
    private let thinkTime: ClosedRange<Int64>

    init(world: World) {
        self.world = world
        thinkTime = world.chance.pick([1...40, 5...200, 20...400])
    }

    func start() {
        for machine in world.machines {
            for _ in 0..<2 { scheduleNext(at: machine) }
            scheduleBurst(at: machine)
            scheduleLocalRead(at: machine)
        }
    }

    func stop() { isOver = true }

    private func scheduleNext(at machine: Machine) {
        world.after(world.chance.span(thinkTime, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let (input, key) = draw()
            let number = machine.ask(input, key: key) { [self] reply in
                if case .outcome(.value(let bytes?)) = reply, key.hasPrefix("r") { seen[key] = String(decoding: bytes, as: UTF8.self) }
                scheduleNext(at: machine)
            }
            if let number { watch(number, at: machine) } else { scheduleNext(at: machine) }
        }
    }

    /// A client whose node died goes on once the node is back.
    private func watch(_ number: Int, at machine: Machine) {
        let boot = machine.life?.boot
        world.after(.milliseconds(500)) { [self] in
            guard world.history.calls[number].reply == nil else { return }
            if machine.life?.boot == boot { watch(number, at: machine) } else { scheduleNext(at: machine) }
        }
    }

    private func newTag() -> String {
        tag += 1
        return "v\(tag)"
    }

    private func draw() -> (KeyCommand, key: String) {
        let register = "r\(world.chance.below(2))"
        return switch world.chance.below(14) {
        case 0, 1: (.get, register)
        case 2, 3: (.set(newTag()), register)
        case 4: (.setIfAbsent(newTag()), register)
        case 5: (.setIfEqual(expected: seen[register] ?? "none", newTag()), register)
        case 6: (.delete, register)
        case 7, 8, 9: (.increment(by: 1), "c")
        case 10: (.get, "c")
        case 11, 12: (.append(newTag() + ","), "a")
        default: (.get, "a")
        }
    }

    /// Sets of one key, pipelined: the order in which they take effect is the order in which they were handed over.
    private func scheduleBurst(at machine: Machine) {
        world.after(world.chance.span(100...900, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            let count = 2 + world.chance.below(14)
            for _ in 0..<count { machine.ask(.set(newTag()), key: "b\(machine.node)") }
            if world.chance.isTrue(perMille: 300) { machine.ask(.get, key: "b\(machine.node)") }
            scheduleBurst(at: machine)
        }
    }

    private func scheduleLocalRead(at machine: Machine) {
        world.after(world.chance.span(30...300, unit: 1_000_000)) { [self] in
            guard !isOver else { return }
            machine.ask(.get, key: "c", isLocal: true)
            scheduleLocalRead(at: machine)
        }
    }
}
