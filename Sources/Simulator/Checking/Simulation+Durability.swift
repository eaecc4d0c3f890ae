import FaultVFS
import Linearizability
import Paxos
import Replica
import Sharding

/// Acknowledged means kept: checked at the moment of the acknowledgement.
extension Simulation {
    /// The write has taken effect, in a slot that a majority of disks hold by now.
    func checkIsDurable(_ call: ClientCall) {
        guard !call.isLocal, let name = call.effectName, let ordinal = cluster.ordinal(owning: [UInt8](call.key.utf8)) else { return }
        acknowledged[name, default: 0] += 1
        let count = acknowledged[name] ?? 0
        let slots = chosen[ordinal].effects(named: name)
        guard slots.count >= count else {
            return fail("durability: #\(call.number) \(name) is acknowledged, \(count) in all, and has taken effect \(slots.count) times")
        }
        if let tag = call.input.tag, slots.count > attempts[tag] ?? 0 {
            fail("exactly once: #\(call.number) \(name) has taken effect in slots \(slots)")
        }
        let durable = slots.count { isDurable($0, ofShard: ordinal) }
        if durable < count { fail("durability: #\(call.number) \(name) is acknowledged, and a majority holds \(durable) of \(count)") }
    }

    private func isDurable(_ slot: Slot, ofShard ordinal: Int) -> Bool {
        guard let entry = chosen[ordinal].entries[Int(slot.rawValue) - 1] else { return false }
        let row = SlottedEntry(slot: slot, entry: entry)
        // What a lost ledger held is not known any more.
        let holders = nodes.count { $0.acceptors[ordinal].holds(row) || $0.damage?.lost.contains(ordinal) ?? false }
        return votes[ordinal].isChosen(row) && votes[ordinal].isQuorum(holders, at: slot)
    }

    /// The ledger says that a write is synced: then its write-ahead log is on the platter, whole.
    func checkIsSynced(_ ordinal: Int, _ node: SimulatedNode) {
        guard !node.disk.isSynced(ledgerPath(ofShard: ordinal) + "-wal") else { return }
        fail("durability: \(node.id)/\(cluster.shards[ordinal].name) says that a write is synced, and a loss of power would take it")
    }

    /// Nothing is applied before a majority holds it, this replica among them: all that clients are told rests on that.
    func checkMayBeApplied(_ row: SlottedEntry, ofShard ordinal: Int, by node: SimulatedNode) -> String? {
        if !votes[ordinal].isChosen(row) { return "durability: slot \(row.slot) is applied, and no majority holds \(row.entry)" }
        if !node.acceptors[ordinal].holds(row) { return "durability: slot \(row.slot) is applied, and its own ledger may lose it" }
        return chosen[ordinal].note(row, appliedBy: node.id)
    }
}
