import Paxos
import Replica
import Simulator

/// One life of a node's process: its event loop, which can be paused.
final class Life: TimingPort {
    unowned let machine: Machine
    unowned let world: World
    let boot: UInt64
    private(set) var server: ShardServer!
    private(set) var isOver = false
    private var isPaused = false
    private var backlog: [() -> Void] = []
    private var isTurnAsked = false
    private var wakeNumber: UInt64 = 0

    // Spinning is found by counting.
    private var idleTurns = 0
    private var windowStart = Instant.zero
    private var windowWakes = 0

    init(machine: Machine, boot: UInt64, recovered: LedgerState) {
        self.machine = machine
        self.boot = boot
        world = machine.world
        let table = SimulatedTable(life: self)
        server = ShardServer(
            settings: ShardServer.Settings(
                shard: world.shard, node: machine.node, nodes: world.nodes, cluster: world.cluster, limits: world.limits),
            recovered: recovered, appliedUpTo: machine.disk.table.appliedUpTo, ledger: SimulatedLedger(life: self), table: table,
            snapshots: NoSnapshots(), network: Line(life: self), timing: self)
        server.onNotice = { [unowned self] in world.note("\(machine.node) \($0)") }
    }

    func end() {
        isOver = true
        backlog = []
    }

    /// Runs on the process's loop, now or once it goes on; never after its end.
    func perform(_ body: @escaping () -> Void) {
        if isOver { return }
        if isPaused { return backlog.append(body) }
        idleTurns = 0
        body()
    }

    func after(_ span: Span, _ body: @escaping () -> Void) {
        world.after(span) { [weak self] in self?.perform(body) }
    }

    var canTakeCommands: Bool { !isOver && !isPaused }

    func pause() {
        world.note("\(machine.node) pauses")
        isPaused = true
    }

    func goOn() {
        guard isPaused else { return }
        world.note("\(machine.node) goes on")
        isPaused = false
        let waiting = backlog
        backlog = []
        for body in waiting { perform(body) }
    }

    // MARK: TimingPort

    var now: Instant { machine.local(world.now) }

    var stamp: Stamp { Stamp(rawValue: UInt64(1_800_000_000_000 + world.now.nanoseconds / 1_000_000 + machine.stampSkew)) }

    func random() -> UInt64 { world.chance.next() }

    func requestTurn() {
        guard !isTurnAsked else { return }
        isTurnAsked = true
        world.after(world.chance.span(1...30)) { [weak self] in
            guard let self else { return }
            let idle = idleTurns
            perform { [unowned self] in
                isTurnAsked = false
                idleTurns = idle + 1
                if idleTurns > 60 { world.fail("\(machine.node) asks for turn after turn, and nothing happens") }
                server.endTurn()
            }
        }
    }

    func wake(at instant: Instant) {
        wakeNumber += 1
        let number = wakeNumber
        guard instant != .distantFuture else { return }
        world.agenda.add(at: max(machine.global(instant), world.now + Span(nanoseconds: 1000))) { [weak self] in
            self?.perform { [weak self] in self?.wake(number) }
        }
    }

    private func wake(_ number: UInt64) {
        guard number == wakeNumber else { return }
        if world.now - windowStart > .milliseconds(10) {
            windowStart = world.now
            windowWakes = 0
        }
        windowWakes += 1
        if windowWakes > 500 { world.fail("\(machine.node) wakes \(windowWakes) times in 10 ms: a deadline that does not move") }
        server.woke()
    }
}
