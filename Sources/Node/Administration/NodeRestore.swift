import Paxos
import Sharding
import Storage

/// `decree restore`: makes the directory of one node of a new cluster of a backup, while no node of that cluster runs.
package struct NodeRestore {
    private let plan: RestorePlan
    private let cluster: ClusterDescription
    private let node: NodeDescription
    private let directory: String
    private let say: (String) -> Void

    /// Looks at everything before anything is made.
    package init(
        backup: String, configurationPath: String, nodeName: String, directory: String, say: @escaping (String) -> Void
    ) throws(ExitFailure) {
        do {
            cluster = try ClusterFile.load(path: configurationPath)
        } catch {
            throw .configuration("\(error)")
        }
        guard let node = cluster.node(named: nodeName) else {
            let names = cluster.nodes.map(\.name).joined(separator: ", ")
            throw .configuration("\(configurationPath) has no node '\(nodeName)': the nodes are \(names)")
        }
        self.node = node
        self.directory = directory
        self.say = say
        try RestorePlan.checkIsFree(directory)
        plan = try RestorePlan(backup: backup, cluster: cluster)
    }

    package func run() throws(ExitFailure) {
        for note in plan.notes { say(note) }
        do throws(StorageError) {
            // Makes the directory, and keeps a node off it meanwhile.
            let lock = try NodeLock(directory: directory)
            for item in plan.items {
                let owner = ReplicaOwner(
                    cluster: cluster.name, nodeName: node.name, node: node.id, shardName: item.shard.name, shard: item.shard.id)
                let replica = try ReplicaDirectory(nodeDirectory: directory, owner: owner)
                let origin = try ReplicaRestore.restore(item.path, to: replica) { UInt64.random(in: .min ... .max) }
                say("\(item.shard.name): as of slot \(origin.slot)")
            }
            withExtendedLifetime(lock) {}
        } catch {
            throw ExitFailure(error)
        }
        say("\(directory) is node \(node.name)'s: restore the same backup for every other node, then start them all")
    }
}
