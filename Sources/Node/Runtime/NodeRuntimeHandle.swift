import Logging
import NIOCore
import NIOPosix
import Replica
import Sharding

/// Starts and stops a node's runtime from outside its event loop.
struct NodeRuntimeHandle: Sendable {
    /// For all of a graceful stop.
    private static let stopTime = TimeAmount.seconds(5)

    private let group: MultiThreadedEventLoopGroup
    private let runtime: NIOLoopBound<NodeRuntime>

    private init(group: MultiThreadedEventLoopGroup, runtime: NIOLoopBound<NodeRuntime>) {
        self.group = group
        self.runtime = runtime
    }

    /// Throws where a port can't be had.
    static func start(
        cluster: ClusterDescription, node: NodeDescription, storage: NodeStorage, mailbox: StorageMailbox, log: Logger
    ) async throws -> NodeRuntimeHandle {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let (replicas, aloneSince) = (storage.replicas, storage.lockedAt)
        let runtime = try await eventLoop.flatSubmit {
            let runtime = NodeRuntime(
                cluster: cluster, node: node, storage: replicas, aloneSince: aloneSince, mailbox: mailbox, eventLoop: eventLoop,
                log: log)
            let bound = NIOLoopBound(runtime, eventLoop: eventLoop)
            return runtime.start().map { bound }
        }.get()
        return NodeRuntimeHandle(group: group, runtime: runtime)
    }

    /// False where it took too long, and some client or shard was left as a crash would have left it.
    func stop() async -> Bool {
        let eventLoop = group.next()
        let runtime = runtime
        let isOrderly = try? await eventLoop.flatSubmit {
            let promise = eventLoop.makePromise(of: Bool.self)
            let deadline = eventLoop.scheduleTask(in: Self.stopTime) { promise.succeed(false) }
            runtime.value.leave().whenComplete { _ in promise.succeed(true) }
            return promise.futureResult.always { _ in deadline.cancel() }
        }.get()
        try? await eventLoop.flatSubmit { runtime.value.stop() }.get()
        try? await group.shutdownGracefully()
        return isOrderly ?? false
    }
}
