package import KeyValue
package import Paxos
package import Sharding

/// One shard on one node: the replica, and the client side that finds the leader for this node's clients.
/// Confined to one thread: every call, and every call it makes to its ports, is on that thread.
package final class ShardServer {
    package struct Settings: Hashable, Sendable {
        package let shard: ShardDescription
        package let node: NodeID
        /// Genesis members.
        package let nodes: [NodeID]
        package let cluster: ClusterSettings

        package init(shard: ShardDescription, node: NodeID, nodes: [NodeID], cluster: ClusterSettings) {
            self.shard = shard
            self.node = node
            self.nodes = nodes
            self.cluster = cluster
        }
    }

    /// `recovered` and `appliedUpTo` are what `Storage` found when it opened the replica's directory; the ledger's rows
    /// up to `recovered.chosenUpTo` have been applied to the table by then.
    package init(
        settings: Settings, recovered: LedgerState, appliedUpTo: Slot, ledger: any LedgerPort, table: any TablePort,
        network: any NetworkPort, timing: any TimingPort
    ) {
        fatalError("filled in by the changes that follow")
    }

    package func received(_ envelope: Envelope) {}
    package func received(_ message: ServiceMessage, from node: NodeID) {}
    package func completed(_ event: StorageEvent) {}
    package func woke() {}
    package func endTurn() {}

    package func execute(_ command: Command, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {}

    /// Gives leadership away if this replica leads; `completion` once another leads, none is held, or it took too long.
    package func handOver(completion: @escaping () -> Void) {}
}
