import FaultVFS
import KeyValue
import Paxos
import Replica
import Sharding

extension Simulation {
    /// A cluster under load while everything goes wrong, then a while in which nothing does.
    package static func run(_ options: SimulationOptions, observe: @escaping (SimulationEvent) -> Void = { _ in }) -> SimulationResult {
        let simulation = Simulation(options, observe: observe)
        simulation.play()
        simulation.end()
        return simulation.result
    }

    /// So that a run repeats byte for byte, the salts of SQLite's logs included.
    package static func seedSQLite(_ seed: UInt64) { FaultVFS.seedSQLite(seed) }

    private func play() {
        let workload = Workload(self)
        let faults = FaultSchedule(self)
        self.faults = faults
        let drawnLoad = chance.span(2_000...8_000, unit: 1_000_000)
        let load = options.omissions.loadMilliseconds.map { Span.milliseconds(Int64($0)) } ?? drawnLoad
        observe(.began(nodes: nodes.count, shards: cluster.shards.count, loadMilliseconds: Int(load.milliseconds)))
        for node in nodes { after(node.chance.span(0...50, unit: 1_000_000)) { node.start() } }
        run(for: chance.span(0...1_000, unit: 1_000_000))
        watchTables()
        workload.start()
        if let scenario = options.scenario { scenario.play(self) } else { faults.start() }
        run(for: load)
        workload.stop()
        // Where the group has been born a majority is enough.
        let isBorn = cluster.shards.indices.allSatisfy { ordinal in
            nodes.allSatisfy { node in node.life.map { $0.shards[ordinal].server.report.role != .unborn } ?? false }
        }
        let first = chance.below(nodes.count)
        let minority = (first..<first + (nodes.count - 1) / 2).map { nodes[$0 % nodes.count] }
        // Those that are out are a minority by themselves.
        let isWhole = nodes.allSatisfy { $0.damage == nil }
        let down = isBorn && isWhole && options.scenario == nil && chance.isTrue(perMille: 300) ? minority : []
        faults.stop(down: down)
        settle()
        checkLiveness(workload, without: down)
        if !down.isEmpty {
            for node in down { node.start() }
            settle()
            checkLiveness(workload, without: [])
        }
        // Whatever is still open has its answer by its deadline, and every table is committed.
        run(for: cluster.settings.requestTimeout + .milliseconds(500))
        if !run(atMost: Self.settlingTime, until: { self.areTablesEqual }), violations.isEmpty {
            fail("liveness: all is well, and the tables stand at different slots\(views)")
        }
        rest()
        if violations.isEmpty { check() }
    }

    /// A snapshot may have to be asked of several nodes in turn, some of which are down.
    private func settle() {
        run(for: Self.settlingTime)
        _ = run(atMost: Self.fetchingTime) { [self] in
            nodes.allSatisfy { node in
                if replacesLostNodes, let lost = node.damage?.lost, !lost.allSatisfy({ isReplaced(node, shard: $0) }) { return false }
                return node.isOut || node.life?.shards.allSatisfy { $0.server.report.fetching == nil } ?? true
            }
        }
        run(for: .milliseconds(500))
        for node in nodes where replacesLostNodes && !(node.damage?.isKnown ?? false) {
            for ordinal in (node.damage?.lost ?? []).sorted() where !isReplaced(node, shard: ordinal) {
                fail("liveness: all is well, and \(node.id) is not taken in again\(views)")
            }
        }
    }

    /// Until a moment in which every table is committed and nothing is under way: short sessions are kept alive all the time.
    private func rest() {
        for _ in 0..<100 {
            let before = chosen.map(\.entries.count)
            run(for: .milliseconds(250))
            // A leader keeps what it sent to a node that does not come back.
            let isQuiet = nodes.allSatisfy { node in
                nodes.contains(where: \.isOut) || node.life?.shards.allSatisfy { loadCheck.remainder($0.server.load) == nil } ?? true
            }
            if isQuiet, areTablesEqual, before == chosen.map(\.entries.count), areLogsTidy { return }
        }
    }

    /// After so long without faults everything has to work.
    private static var settlingTime: Span { .milliseconds(5_000) }
    private static var fetchingTime: Span { .milliseconds(10_000) }
    /// How long a client then waits at most.
    private static var answerTime: Span { .milliseconds(1_000) }

    private var areTablesEqual: Bool {
        cluster.shards.indices.allSatisfy { ordinal in
            nodes.allSatisfy {
                $0.isOut || $0.life?.shards[ordinal].server.report.appliedUpTo == Slot(UInt64(chosen[ordinal].entries.count))
            }
        }
    }

    /// Where queues are short, a crowd of calls is too much for them: such a call is made again.
    private func isRefusedAsBusy(_ number: Int) -> Bool {
        if case .failed(.busy)? = calls[number].reply { true } else { false }
    }

    /// Everything asked of any node that is up succeeds soon.
    private func checkLiveness(_ workload: Workload, without down: [SimulatedNode]) {
        guard violations.isEmpty else { return }
        let wishes = nodes.filter { node in !node.isOut && !down.contains { $0 === node } }.flatMap { node in
            workload.last(at: node).map { (call: $0, node: node) }
        }
        var asked = wishes.map { ask($0.call, at: $0.node) }
        let isAnswered = run(atMost: Self.answerTime) {
            for index in asked.indices where asked[index].map(self.isRefusedAsBusy) ?? true {
                asked[index] = self.ask(wishes[index].call, at: wishes[index].node)
            }
            return asked.allSatisfy { $0.map { self.calls[$0].reply != nil } ?? false }
        }
        guard violations.isEmpty else { return }
        if !isAnswered {
            let open = asked.compactMap { $0 }.filter { calls[$0].reply == nil }.map { number in
                let call = calls[number]
                return "#\(number) (\(call.isLocal ? "local " : "")\(call.input) \(call.key) at \(call.node))"
            }
            fail(
                "liveness: all is well for \(Self.settlingTime.milliseconds) ms, and after \(Self.answerTime.milliseconds) ms more "
                    + "nothing has answered \(open.joined(separator: ", "))\(views)")
        }
        for number in asked.compactMap({ $0 }) {
            if case .failed(let failure)? = calls[number].reply {
                fail("liveness: #\(number) failed though all is well: \(failure)\(views)")
            }
        }
    }
}
