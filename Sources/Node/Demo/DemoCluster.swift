import Foundation
import Sharding

/// Three nodes on this machine, started and watched until Ctrl-C.
package enum DemoCluster {
    package static let portRange = 1...65_333

    package static func run(directory: String, firstPort: Int) async throws(ExitFailure) {
        let layout = try DemoLayout(directory: directory, port: firstPort)
        let events = DemoEvents()
        var nodes = layout.cluster.nodes.map { DemoNode(description: $0, layout: layout, events: events.sink) }
        for place in nodes.indices { try nodes[place].start() }
        await nodes.waitUntilServing()
        show(DemoText.welcome(layout, nodes))
        events.listen()
        loop: for await event in events.stream {
            switch event {
            case .interrupted: break loop
            case .ended(let place, let processID, let text): show(nodes[place].textForEnd(of: processID, text))
            case .typed(let line): show(try nodes.restart(typed: line))
            }
        }
        show("\nStopping…")
        await nodes.stopAll()
    }

    /// Appears at once, also in a file or a pipe. (`print` is buffered there, and flushing every stream would wait for
    /// the thread that reads standard input.)
    private static func show(_ text: String?) {
        guard let text else { return }
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
