package import Paxos
import Sharding

/// What an operator asks of one shard's replica on this node, by the names of the cluster file.
package enum AdministrationRequest: Hashable, Sendable {
    /// A snapshot of this moment's table; answered by `snapshot`.
    case makeSnapshot(shard: String)
    /// A piece of one that has been made; answered by `bytes`, which are none at the end.
    case readSnapshot(shard: String, slot: UInt64, offset: UInt64)
    /// Gives a node's place in the group to the life of it that was last heard of; answered by `done` once that is proposed.
    case replace(shard: String, node: String)
}

/// The same, of a shard that has been found.
package enum ShardTask: Hashable, Sendable {
    case makeSnapshot
    case readSnapshot(slot: Slot, offset: UInt64)
    case replace(NodeID)
}

package enum AdministrationReply: Hashable, Sendable {
    case done
    case snapshot(SnapshotOffer)
    case bytes([UInt8])
    /// Only the leader can; the node that leads, as far as is known.
    case notLeader(NodeID?)
    /// It can't be done: why, and what to do, with the error's code.
    case refused(String)

    static func unavailable(_ text: String) -> AdministrationReply { .refused("UNAVAILABLE " + text) }
    static func busy(_ text: String) -> AdministrationReply { .refused("BUSY " + text) }
    static func error(_ text: String) -> AdministrationReply { .refused("ERR " + text) }
}

extension Router {
    package func administer(_ request: AdministrationRequest, completion: @escaping (AdministrationReply) -> Void) {
        switch request {
        case .makeSnapshot(let shard): administer(shard, .makeSnapshot, completion)
        case .readSnapshot(let shard, let slot, let offset): administer(shard, .readSnapshot(slot: Slot(slot), offset: offset), completion)
        case .replace(let shard, let name):
            guard let node = cluster.node(named: name) else {
                let names = cluster.nodes.map(\.name).joined(separator: ", ")
                return completion(.error("there is no node of that name: the nodes are \(names)"))
            }
            administer(shard, .replace(node.id), completion)
        }
    }

    private func administer(_ name: String, _ task: ShardTask, _ completion: @escaping (AdministrationReply) -> Void) {
        guard let ordinal = cluster.shards.firstIndex(where: { $0.name == name }) else {
            let names = cluster.shards.prefix(16).map(\.name).joined(separator: ", ")
            return completion(.error("there is no shard of that name: the shards are \(names)"))
        }
        shards[ordinal].administer(task) { [cluster] reply in
            guard case .notLeader(let leader) = reply else { return completion(reply) }
            let leaderName = leader.flatMap { cluster.node($0)?.name }
            completion(
                .refused("NOTLEADER " + (leaderName.map { "\(name) is led by \($0): ask there" } ?? "\(name) has no leader; try again")))
        }
    }
}
