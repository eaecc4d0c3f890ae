import Foundation
import Sharding

enum DemoText {
    static func welcome(_ layout: DemoLayout, _ nodes: [DemoNode]) -> String {
        let ports = nodes.map(\.description.client.port)
        let first = nodes[0]
        let shard = layout.cluster.shards[0].name
        let lines = nodes.map { node in
            let state = node.isRunning ? "pid \(node.processID ?? 0)" : "did not start"
            return "  \(node.description.datacenter)  \(node.description.name)  redis-cli -p \(node.description.client.port)   \(state)\n"
        }
        let heading = nodes.allSatisfy(\.isRunning) ? "Three datacenters are up" : "Not every datacenter came up: see the logs"
        return """
            \(heading), in \(layout.directory)/ (cluster.yaml, each node's data and log):

            \(lines.joined())
            Every node takes every key. In another shell:
              redis-cli -p \(ports[0]) SET a:1 hello
              redis-cli -p \(ports[ports.count - 1]) GET a:1
              redis-cli -p \(ports[ports.count - 1]) SET b:1 world
              sqlite3 \(layout.data(of: first.description))/\(shard)/ledger.sqlite 'SELECT * FROM log_entries'
              \(CommandLine.arguments[0]) status --endpoint \(first.description.client)
              kill -9 \(first.processID ?? 0)      kills \(first.description.datacenter); type 1 and Enter here to start it again

            Ctrl-C stops all three; what was acknowledged stays in \(layout.directory)/.
            """
    }
}
