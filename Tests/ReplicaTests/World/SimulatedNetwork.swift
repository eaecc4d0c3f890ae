import KeyValue
import Paxos
import Replica
import Simulator

/// Datagrams that are lost, doubled, late and overtaken; connections that keep their order until they break.
final class SimulatedNetwork {
    unowned var world: World!
    /// One way: from, to.
    private var cut: Set<Link> = []
    private var connections: [Link: Connection] = [:]
    var lossPerMille = 0
    var doublingPerMille = 0
    /// In microseconds.
    var latency: ClosedRange<Int64> = 200...3_000
    /// What a scenario loses on purpose.
    var isLost: (ServiceMessage, NodeID, NodeID) -> Bool = { _, _, _ in false }
    private(set) var serviceInFlightMost = 0

    struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    private struct Connection {
        var number: UInt64 = 0
        var lastArrival = Instant.zero
        var inFlight = 0
        /// What leaves the broken connection's buffers at the other end still arrives.
        var isDrained = false
    }

    func setCut(_ isCut: Bool, from: NodeID, to: NodeID) {
        if isCut { cut.insert(Link(from: from, to: to)) } else { cut.remove(Link(from: from, to: to)) }
    }

    func isolate(_ node: NodeID) {
        for other in world.nodes where other != node {
            setCut(true, from: node, to: other)
            setCut(true, from: other, to: node)
        }
        breakConnections(of: node)
    }

    func heal() { cut = [] }

    /// What is in flight may be lost from some point on.
    func breakConnection(from: NodeID, to: NodeID, drained: Bool = false) {
        connections[Link(from: from, to: to), default: Connection()].number += 1
        connections[Link(from: from, to: to)]?.lastArrival = .zero
        connections[Link(from: from, to: to)]?.isDrained = drained
    }

    func breakConnections(of node: NodeID) {
        for other in world.nodes where other != node {
            breakConnection(from: node, to: other)
            breakConnection(from: other, to: node)
        }
    }

    func send(_ envelope: Envelope, from: NodeID) {
        let to = envelope.to.node
        guard !cut.contains(Link(from: from, to: to)) else { return }
        let copies = world.chance.isTrue(perMille: lossPerMille) ? 0 : world.chance.isTrue(perMille: doublingPerMille) ? 2 : 1
        for _ in 0..<copies {
            var delay = world.chance.span(latency)
            if world.chance.isTrue(perMille: doublingPerMille) { delay = delay + world.chance.span(latency) * 8 }
            world.after(delay) { [unowned self] in
                guard !cut.contains(Link(from: from, to: to)), let life = world.machine(to).life else { return }
                life.perform { life.server.received(envelope) }
            }
        }
    }

    func send(_ message: ServiceMessage, from: NodeID, to: NodeID) {
        let link = Link(from: from, to: to)
        guard !cut.contains(link), !isLost(message, from, to) else { return }
        var connection = connections[link, default: Connection()]
        let arrival = max(connection.lastArrival, world.now + world.chance.span(latency))
        connection.lastArrival = arrival
        connection.inFlight += 1
        serviceInFlightMost = max(serviceInFlightMost, connection.inFlight)
        connections[link] = connection
        world.agenda.add(at: arrival) { [unowned self] in
            connections[link]?.inFlight -= 1
            guard let current = connections[link], current.number == connection.number || current.isDrained, !cut.contains(link),
                let life = world.machine(to).life
            else { return }
            life.perform { life.server.received(message, from: from) }
        }
    }
}

/// A life's own end of the network.
final class Line: NetworkPort {
    func flush() {}

    private unowned let life: Life

    init(life: Life) { self.life = life }

    func send(_ envelope: Envelope, shard: ShardID) { life.world.network.send(envelope, from: life.machine.node) }

    func send(_ message: ServiceMessage, to node: NodeID, shard: ShardID) {
        life.world.network.send(message, from: life.machine.node, to: node)
    }
}
