import Gateway
import KeyValue
import Logging
import NIOCore
import Paxos
import Replica
import Sharding
import Storage
import Transport

/// Everything of a node that lives on its event loop: the transport, the shard servers, the router and the gateway.
/// Confined to that event loop.
final class NodeRuntime {
    private let eventLoop: any EventLoop
    private let mailbox: StorageMailbox
    private let inbox: ShardInbox
    private let transport: PeerTransport
    private let shards: [ShardServer]
    private let timings: [LoopTiming]
    private let gatewayServer: GatewayServer
    /// One for each shard, while it gives leadership away.
    private var handovers: [EventLoopPromise<Void>] = []

    init(
        cluster: ClusterDescription, node: NodeDescription, storage: [OpenReplica], aloneSince: Instant, mailbox: StorageMailbox,
        eventLoop: any EventLoop, log: Logger
    ) {
        let inbox = ShardInbox(mailbox)
        let transport = PeerTransport(
            description: cluster, node: node.id, eventLoop: eventLoop,
            handlers: TransportHandlers(
                onEnvelope: { inbox.received($0, $1) }, onService: { inbox.received($0, from: $1, $2) },
                log: { log.notice("\($0)") }))
        var shards: [ShardServer] = []
        var timings: [LoopTiming] = []
        for (shard, replica) in zip(cluster.shards, storage) {
            let timing = LoopTiming(eventLoop: eventLoop)
            let server = ShardServer(
                settings: ShardServer.Settings(
                    shard: shard, node: node.id, nodes: cluster.nodes.map(\.id), cluster: cluster.settings,
                    limits: ShardLimits(cluster.settings)),
                recovered: replica.state, appliedUpTo: replica.appliedUpTo, rolledUpTo: replica.rolledUpTo, aloneSince: aloneSince,
                ledger: replica.ledger, table: replica.table, snapshots: replica.snapshots, network: transport, timing: timing)
            server.onNotice = { log.notice("\(shard.name): \(NoticeText.of($0, cluster))") }
            server.onProblem = { log.error("\(shard.name): \(NoticeText.of($0, cluster))") }
            let ordinal = inbox.add(server)
            timing.perform = { [unowned inbox] in inbox.perform(ordinal, $0) }
            shards.append(server)
            timings.append(timing)
        }
        let describer = StatusSource(cluster: cluster, node: node, shards: shards, transport: transport)
        let router = Router(cluster: cluster, shards: shards, describer: describer) { UInt64.random(in: .min ... .max) }
        let gateway = Gateway(
            eventLoop: eventLoop, service: router, settings: cluster.settings, address: node.client, version: Version.text,
            wallClockMicroseconds: WallClock.microseconds)
        describer.gateway = gateway
        self.eventLoop = eventLoop
        self.mailbox = mailbox
        self.inbox = inbox
        self.transport = transport
        self.shards = shards
        self.timings = timings
        gatewayServer = GatewayServer(gateway)
    }

    /// Fails where a port can't be had.
    func start() -> EventLoopFuture<Void> {
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        mailbox.open { [eventLoop] in
            eventLoop.execute { this.value.inbox.deliver() }
        }
        return transport.start().flatMap { this.value.gatewayServer.start() }
    }

    /// Takes no more requests, gives leadership away, answers what is under way. Completes when all that is done.
    func leave() -> EventLoopFuture<Void> {
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        // While clients take their last replies, leadership may have come back to where the cluster file wants it.
        return handOver().and(gatewayServer.stop()).flatMap { _ in this.value.handOver() }
    }

    private func handOver() -> EventLoopFuture<Void> {
        let promises = shards.map { shard in
            let promise = eventLoop.makePromise(of: Void.self)
            shard.handOver { promise.succeed() }
            return promise
        }
        handovers += promises
        return EventLoopFuture.andAllComplete(promises.map(\.futureResult), on: eventLoop)
    }

    /// Nothing is received, sent or decided from here on.
    func stop() -> EventLoopFuture<Void> {
        mailbox.close()
        for timing in timings { timing.stop() }
        for handover in handovers { handover.succeed() }
        return transport.stop()
    }
}
