import Paxos
import Replica
import Sharding

/// What an operator does for a node whose directory is gone: the group is told to take in its new life.
extension Simulation {
    private static var attemptInterval: Span { .milliseconds(400) }
    /// A configuration governs only slots that are so much later: where that is far off, a run ends before.
    private static let alphaMax = 64

    var replacesLostNodes: Bool { limits.group.alpha <= Self.alphaMax }

    /// Whether the newest configuration that is chosen has this life of the node as a voter.
    func isReplaced(_ node: SimulatedNode, shard ordinal: Int) -> Bool {
        votes[ordinal].configurations.last?.configuration.names(node.acceptors[ordinal].voter) ?? false
    }

    /// Whether some chosen configuration knows this life of it.
    func isKnown(_ node: SimulatedNode, shard ordinal: Int) -> Bool {
        let voter = node.acceptors[ordinal].voter
        return votes[ordinal].configurations.contains {
            $0.configuration.member(voter.node)?.incarnation == voter.incarnation
        }
    }

    /// Asks the leader again and again: who comes first may be refused for a while, and a leader may be lost.
    func replace(_ node: SimulatedNode, shard ordinal: Int) {
        guard replacesLostNodes, !isReplaced(node, shard: ordinal) else { return }
        if !isKnown(node, shard: ordinal), let life = leader(ofShard: ordinal)?.life, life.canTakeCommands {
            life.perform { [self] in
                life.shards[ordinal].server.administer(.replace(node.id)) { [self] reply in
                    note("\(node.id)/\(cluster.shards[ordinal].name) is to be replaced: \(reply)")
                    if reply == .done { count("replacement begun") }
                }
            }
        }
        after(Self.attemptInterval) { [self] in replace(node, shard: ordinal) }
    }
}
