import FaultVFS
import Paxos
import Replica
import Sharding

/// What has become of a machine's files.
struct Damage {
    /// Shards whose ledger was lost: their replicas are strangers, and vote for nothing before the group has given them their place.
    var lost: Set<Int> = []
    /// The node has said that its files are damaged, and stays down.
    var isKnown = false
    /// Not every row of a ledger has a checksum: a node that runs on may have forgotten who belongs to its group.
    var hasFlippedLedger = false
    /// Then rows of its log may be gone; a table alone can be made again.
    var isOfLedger = false
}

extension FaultSchedule {
    /// Strikes a minority of the nodes at most, in a run; each is down meanwhile.
    func strikeAtRest(_ kind: FaultKind, _ node: SimulatedNode, shard ordinal: Int) {
        let struck = simulation.nodes.filter { $0.damage != nil }
        guard node.damage != nil || struck.count < (simulation.nodes.count - 1) / 2, isBorn(ordinal) else { return }
        simulation.count(kind.rawValue)
        node.damage = node.damage ?? Damage()
        let directory = simulation.directory(ofShard: ordinal)
        if kind == .rolledBack {
            let image = node.disk.image(of: directory)
            return later(100...2_000) { [self] in damage(node) { node.disk.restore(image) } }
        }
        damage(node) { [self] in
            switch kind {
            case .lostLedger: loseDirectory(of: node, shard: ordinal)
            case .flippedLedger:
                node.damage?.hasFlippedLedger = true
                node.damage?.isOfLedger = true
                // The first pages hold what there is once: promise, identity, members, and where the log's rows lie.
                let firstPages = simulation.faultChance.isTrue(perMille: 400) ? 12 * 4096 : Int.max
                flip("ledger.sqlite", of: directory, node, below: firstPages)
            case .flippedLedgerLog:
                node.damage?.isOfLedger = true
                flip("ledger.sqlite-wal", of: directory, node)
            case .lostTable: node.disk.removeFiles(in: directory, beginningWith: "table-")
            case .flippedTable: flip(tables(of: directory, node, endingWith: ".sqlite"), of: directory, node)
            case .flippedSnapshot: flip(node.disk.names(in: directory + "/snapshots").last, of: directory + "/snapshots", node)
            default: flip(tables(of: directory, node, endingWith: ".sqlite-wal"), of: directory, node)
            }
        }
    }

    private func loseDirectory(of node: SimulatedNode, shard ordinal: Int) {
        let directory = simulation.directory(ofShard: ordinal)
        node.disk.removeFiles(in: directory + "/snapshots")
        node.disk.removeFiles(in: directory)
        node.acceptors[ordinal] = AcceptorCheck(node: node.id)
        node.damage?.lost.insert(ordinal)
        simulation.after(simulation.faultChance.span(300...2_000, unit: 1_000_000)) { [simulation] in
            simulation.replace(node, shard: ordinal)
        }
    }

    private func tables(of directory: String, _ node: SimulatedNode, endingWith suffix: String) -> String? {
        node.disk.names(in: directory).last { $0.hasPrefix("table-") && $0.hasSuffix(suffix) }
    }

    private func damage(_ node: SimulatedNode, _ body: @escaping () -> Void) {
        node.stop(power: simulation.faultChance.isTrue(perMille: 300))
        body()
        later(1...1_500) { node.start() }
    }

    private func flip(_ name: String?, of directory: String, _ node: SimulatedNode, below bound: Int = .max) {
        guard let name else { return }
        let path = directory + "/" + name
        guard let length = node.disk.contents(of: path)?.count, length > 0 else { return }
        let place = simulation.faultChance.below(min(length, bound))
        simulation.note("a bit of byte \(place) of \(length) in \(path) of \(node.id) is flipped")
        _ = node.disk.flip(bit: simulation.faultChance.below(8), ofByte: place, in: path)
    }

    /// Somebody was born, so all had stored who the others are: who loses that now is a stranger, and stops nobody's birth.
    private func isBorn(_ ordinal: Int) -> Bool {
        simulation.nodes.contains { node in
            guard let life = node.life else { return false }
            let role = life.shards[ordinal].server.report.role
            return role == .leader || role == .follower
        }
    }
}
