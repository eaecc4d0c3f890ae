import Foundation
import Logging
import Replica
import Sharding

/// One node as a process: from its configuration to its end.
package struct NodeProcess {
    private let configurationPath: String
    private let nodeName: String
    private let directory: String
    private let stopsWhenInputEnds: Bool

    /// `stopsWhenInputEnds`: as on SIGTERM, so that a node does not outlive whoever started it.
    package init(configurationPath: String, nodeName: String, directory: String, stopsWhenInputEnds: Bool) {
        self.configurationPath = configurationPath
        self.nodeName = nodeName
        self.directory = directory
        self.stopsWhenInputEnds = stopsWhenInputEnds
    }

    /// Returns after a graceful stop.
    package func run() async throws(ExitFailure) {
        let stopping = StopSignals(includesEndOfInput: stopsWhenInputEnds)
        let (cluster, node) = try configuration()
        let log = NodeLog.make(node: node.name)
        let mailbox = StorageMailbox()
        let storage = try NodeStorage(directory: directory, cluster: cluster, node: node, mailbox: mailbox, log: log)
        log.notice("decree \(Version.text): node \(node.name) (\(node.datacenter)) of cluster \(cluster.name), data in \(directory)")
        storage.describe(cluster, to: log)
        let runtime: NodeRuntimeHandle
        do {
            runtime = try await .start(cluster: cluster, node: node, storage: storage, mailbox: mailbox, log: log)
        } catch {
            storage.close()
            throw .unavailable("\(error)")
        }
        log.notice("serving clients on \(node.client), peers on \(node.peer)")
        let reason = await stopping.first()
        log.notice("stopping: \(reason)")
        stopping.endProcessOnNext()
        if await !runtime.stop() { log.warning("stopping took too long: going on without") }
        storage.close()
        log.notice("stopped")
    }

    private func configuration() throws(ExitFailure) -> (ClusterDescription, NodeDescription) {
        let cluster: ClusterDescription
        do {
            cluster = try ClusterFile.load(path: configurationPath)
        } catch {
            throw .configuration("\(error)")
        }
        guard let node = cluster.node(named: nodeName) else {
            let names = cluster.nodes.map(\.name).joined(separator: ", ")
            throw .configuration("\(configurationPath) has no node '\(nodeName)': the nodes are \(names)")
        }
        return (cluster, node)
    }
}
