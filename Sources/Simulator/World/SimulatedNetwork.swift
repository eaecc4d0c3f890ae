import KeyValue
import NIOCore
import Paxos
import Replica
import Sharding
import Wire

/// Datagrams that are lost, doubled, late, overtaken and spoiled; connections that keep their order until they break.
/// Whatever is sent goes through its byte form.
final class SimulatedNetwork {
    unowned var simulation: Simulation!
    private let nodes: [NodeID]
    /// One way, in microseconds, by sender and receiver.
    private let distances: [[Int64]]
    private let jitter: ClosedRange<Int64>
    /// By traffic: how many faults cut a link now.
    private var cuts: [Traffic: [Link: Int]] = [:]
    private var slow: [Link: Int64] = [:]
    private var connections: [Link: Connection] = [:]
    /// Sent, and neither arrived nor lost yet.
    private var bytesOnTheWay: [Link: Int] = [:]
    private static let bytesOnTheWayMax = 16 << 20
    var lossPerMille = 0
    var doublingPerMille = 0
    var spoilingPerMille = 0

    struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    enum Traffic { case everything, datagrams, connections }

    private struct Connection {
        var number: UInt64 = 0
        var lastArrival = Instant.zero
        /// What leaves the broken connection's buffers at the other end still arrives.
        var isDrained = false
    }

    /// In several datacenters.
    let isWide: Bool

    init(profile: Profile, nodes: [NodeID], _ chance: inout Chance) {
        self.nodes = nodes
        isWide = profile == .wan || (profile == .chaos && chance.isTrue(perMille: 250))
        // Three datacenters: 30, 60 and 90 ms there and back.
        let apart: [Int64] = [15_000, 30_000, 45_000]
        distances = nodes.map { [isWide] from in
            nodes.map { to in
                let (one, other) = (Int(from.rawValue) % 3, Int(to.rawValue) % 3)
                return isWide && one != other ? apart[one + other - 1] : 0
            }
        }
        jitter = isWide ? 100...4_000 : chance.pick([100...500, 200...3_000, 1_000...20_000])
    }

    func cut(_ links: [Link], _ traffic: Traffic) { for link in links { cuts[traffic, default: [:]][link, default: 0] += 1 } }

    /// Undoes one cut.
    func join(_ links: [Link], _ traffic: Traffic) { for link in links { cuts[traffic, default: [:]][link, default: 0] -= 1 } }

    private func isCut(_ link: Link, _ traffic: Traffic) -> Bool {
        (cuts[.everything]?[link] ?? 0) > 0 || (cuts[traffic]?[link] ?? 0) > 0
    }

    func setSlow(_ microseconds: Int64?, _ link: Link) { slow[link] = microseconds }

    /// Cuts and slow links are gone.
    func heal() {
        cuts = [:]
        slow = [:]
    }

    /// What is in flight is lost, unless it is `drained`.
    func breakConnection(_ link: Link, drained: Bool) {
        connections[link, default: Connection()].number += 1
        connections[link]?.lastArrival = .zero
        connections[link]?.isDrained = drained
    }

    func breakConnections(of node: NodeID, drained: Bool) {
        for other in nodes where other != node {
            breakConnection(Link(from: node, to: other), drained: drained)
            breakConnection(Link(from: other, to: node), drained: false)
        }
    }

    private func delay(_ link: Link) -> Span {
        let distance = distances[Int(link.from.rawValue) - 1][Int(link.to.rawValue) - 1] + (slow[link] ?? 0)
        return Span(nanoseconds: distance * 1000) + simulation.networkChance.span(jitter)
    }

    // MARK: Datagrams

    func send(_ envelope: Envelope, shard: ShardID, from sender: SimulatedNode) {
        let link = Link(from: sender.id, to: envelope.to.node)
        guard !isCut(link, .datagrams) else { return }
        simulation.statistics.messages += 1
        let copies =
            simulation.networkChance.isTrue(perMille: lossPerMille)
            ? 0 : simulation.networkChance.isTrue(perMille: doublingPerMille) ? 2 : 1
        guard copies > 0 else { return simulation.count("datagrams lost") }
        if copies == 2 { simulation.count("datagrams doubled") }
        let bytes = frame(from: sender, to: link.to) { $0.writeSection(envelope, shard: shard) }
        for _ in 0..<copies {
            var delay = delay(link)
            // Overtaken by many others.
            if simulation.networkChance.isTrue(perMille: doublingPerMille) { delay = delay + simulation.networkChance.span(jitter) * 8 }
            departs(bytes, link)
            simulation.after(delay) { [unowned self] in
                bytesOnTheWay[link, default: 0] -= bytes.readableBytes
                guard !isCut(link, .datagrams) else { return }
                if simulation.networkChance.isTrue(perMille: spoilingPerMille) { return arriveSpoiled(bytes, link) }
                arrive(bytes, .envelope(envelope, shard), link)
            }
        }
    }

    private func arriveSpoiled(_ bytes: ByteBuffer, _ link: Link) {
        var spoiled = bytes
        let place = simulation.networkChance.below(bytes.readableBytes)
        let byte = spoiled.getInteger(at: place, as: UInt8.self) ?? 0
        spoiled.setInteger(byte ^ UInt8(1 << simulation.networkChance.below(8)), at: place)
        simulation.count("datagrams spoiled")
        if (try? simulation.node(link.to).codec.frame(datagram: spoiled)) != nil {
            simulation.fail("wire: \(link.to) takes a frame with a flipped bit in byte \(place)")
        }
    }

    // MARK: Connections

    func send(_ message: ServiceMessage, shard: ShardID, from sender: SimulatedNode, to: NodeID) {
        let link = Link(from: sender.id, to: to)
        guard !isCut(link, .connections) else { return }
        simulation.statistics.messages += 1
        let bytes = frame(from: sender, to: to) { $0.writeSection(message, shard: shard) }
        var connection = connections[link, default: Connection()]
        let arrival = max(connection.lastArrival, simulation.now + delay(link))
        connection.lastArrival = arrival
        connections[link] = connection
        departs(bytes, link)
        simulation.agenda.add(at: arrival) { [unowned self] in
            bytesOnTheWay[link, default: 0] -= bytes.readableBytes
            guard let current = connections[link], current.number == connection.number || current.isDrained, !isCut(link, .connections)
            else {
                return
            }
            arrive(bytes, .service(message, shard), link)
        }
    }

    // MARK: Bytes

    /// What a transport would drop, since it queues no more, must not be sent: nothing here is that much behind.
    private func departs(_ bytes: ByteBuffer, _ link: Link) {
        let count = bytesOnTheWay[link, default: 0] + bytes.readableBytes
        bytesOnTheWay[link] = count
        if count > Self.bytesOnTheWayMax { simulation.fail("bounds: \(count) bytes are on the way from \(link.from) to \(link.to)") }
    }

    private func frame(from sender: SimulatedNode, to: NodeID, _ body: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        let start = sender.codec.openFrame(to: to, in: &buffer)
        body(&buffer)
        sender.codec.closeFrame(startingAt: start, in: &buffer)
        buffer.withUnsafeReadableBytes { simulation.mix(Checksum.of($0)) }
        return buffer
    }

    private func arrive(_ bytes: ByteBuffer, _ sent: Section, _ link: Link) {
        guard let life = simulation.node(link.to).life else { return }
        do {
            var frame = try simulation.node(link.to).codec.frame(datagram: bytes)
            while let section = try frame.nextSection() {
                if section != sent { simulation.fail("wire: \(sent) is decoded as \(section)") }
                simulation.note("\(link.from) to \(link.to): \(section.transcriptText)")
                life.perform { life.received(section, from: link.from) }
            }
        } catch {
            simulation.fail("wire: a frame of \(link.from) for \(link.to) can't be read: \(error)")
        }
    }
}

extension NodeLife {
    fileprivate func received(_ section: Section, from sender: NodeID) {
        switch section {
        case .envelope(let envelope, let id): shards.first { $0.description.id == id }?.received(envelope)
        case .service(let message, let id): shards.first { $0.description.id == id }?.received(message, from: sender)
        case .link: break
        }
    }
}

extension Section {
    /// What was said, without who said it to which life of whom.
    fileprivate var transcriptText: String {
        switch self {
        case .envelope(let envelope, let shard): "\(envelope.message) [\(shard.rawValue)]"
        case .service(let message, let shard): "\(message) [\(shard.rawValue)]"
        case .link(let message): "\(message)"
        }
    }
}
