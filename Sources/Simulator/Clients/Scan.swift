import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// One `SCAN` through all shards, page by page, at one node: a key that is there from before its start, and is never deleted, comes
/// once; keys come in the order of their shards.
final class Scan {
    private unowned let simulation: Simulation
    private let node: SimulatedNode
    private let life: Int
    private let pageSize: Int
    private let startedAt: Instant
    /// They were written and acknowledged before, and nobody deletes them.
    private let due: [String]
    private var found: [String] = []
    private var ordinal = 0

    init?(_ simulation: Simulation, pageSize: Int, at node: SimulatedNode) {
        guard let life = node.life else { return nil }
        self.simulation = simulation
        self.node = node
        self.life = Int(life.number)
        self.pageSize = pageSize
        startedAt = simulation.now
        var due: Set<String> = []
        for call in simulation.calls {
            guard case .outcome? = call.reply else { continue }
            switch call.input {
            case .increment, .append: due.insert(call.key)
            default: break
            }
        }
        self.due = due.sorted()
    }

    func next(from cursor: UInt64 = 0) {
        guard let life = node.life, Int(life.number) == self.life, life.canTakeCommands, let router = life.router else { return }
        life.perform { [self, unowned life] in
            router.execute(.scan(cursor: cursor, count: pageSize, pattern: nil, isLocal: false)) { [self] reply in
                if life.isOver { return simulation.fail("answers: a page of SCAN is answered by a process that has ended") }
                simulation.tally(reply, "SCAN", isLocal: false)
                // Another page or another try is another moment.
                if case .outcome(.page(let next, let keys)) = reply { simulation.after(.milliseconds(1)) { [self] in take(keys, next) } }
            }
        }
    }

    private func take(_ keys: [[UInt8]], _ next: UInt64) {
        for key in keys {
            let text = String(decoding: key, as: UTF8.self)
            guard let owner = simulation.cluster.ordinal(owning: key), owner >= ordinal else {
                return simulation.fail("scan: \(text) comes after keys of shard \(ordinal + 1)")
            }
            ordinal = owner
            found.append(text)
        }
        if next != 0 { return self.next(from: next) }
        // Under a lease that can't be trusted, a page may be old.
        if simulation.cluster.settings.reads == .lease, startedAt < simulation.clocksKeptBoundSince { return }
        for key in due {
            let count = found.count { $0 == key }
            if count != 1 { simulation.fail("scan: \(key) was there all the time, and comes \(count) times (\(node.id))") }
        }
    }
}
