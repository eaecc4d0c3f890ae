import KeyValue
import NIOCore
import NIOPosix
import Paxos
import Replica
import Sharding
import Testing
import Transport

@Suite struct ExchangeTests {
    private let small = Message.handover(Handover(ballot: Ballot(round: 1, node: id(1))))

    private func run(
        _ description: ClusterDescription, limits: TransportLimits = .quick, _ body: ([RunningNode]) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        var nodes: [RunningNode] = []
        for node in description.nodes { nodes.append(try await RunningNode(description, node.id, on: group.next(), limits: limits)) }
        try await body(nodes)
        for node in nodes { try await node.stop() }
    }

    private func waitForPath(_ path: PeerStatus.Path, from node: RunningNode, to peer: NodeID) async throws {
        try await eventually("\(node.node) reaches \(peer) by \(path)") { try await node.status(of: peer).path == path }
    }

    /// Until then a message may be lost with a failed attempt to connect.
    private func waitForStream(from node: RunningNode, to peer: NodeID) async throws {
        try await eventually("\(node.node) is connected to \(peer)") { try await node.status(of: peer).isConnected }
    }

    @Test func smallMessagesGoByDatagramOnceTheyGetThrough() async throws {
        try await run(try await loopbackCluster(nodes: 3)) { nodes in
            for from in nodes {
                for to in nodes where to.node != from.node {
                    try await waitForPath(.udp, from: from, to: to.node)
                    try await from.send(small, to: to.node)
                    let status = try await from.status(of: to.node)
                    #expect(status.messagesSentByDatagram == 1 && status.messagesSentByStream == 0)
                }
            }
            for node in nodes {
                try await eventually("two messages come") { node.inbox.envelopes.count == 2 }
                #expect(Set(node.inbox.envelopes.map(\.from.node)) == Set(nodes.map(\.node)).subtracting([node.node]))
                #expect(node.inbox.envelopes.allSatisfy { $0.message == small })
            }
            #expect(try await nodes[0].counters.dropped.isEmpty)
        }
    }

    @Test func oneTurnsMessagesShareDatagrams() async throws {
        try await run(try await loopbackCluster()) { nodes in
            try await waitForPath(.udp, from: nodes[0], to: id(2))
            let small = small
            let before = try await nodes[0].on { transport in
                let before = transport.counters.datagramsSent
                for _ in 0..<100 {
                    let party = Party(node: id(1), incarnation: .unknown, boot: .unknown)
                    let receiver = Party(node: id(2), incarnation: .unknown, boot: .unknown)
                    transport.send(Envelope(from: party, to: receiver, configuration: 0, message: small), shard: shard)
                }
                transport.flush()
                return transport.counters.datagramsSent - before
            }
            // 59 bytes each, and 1400 in a datagram: five of them, and what probes and echoes there may be.
            #expect(before >= 5 && before <= 8)
            try await eventually("all of them come") { nodes[1].inbox.envelopes.count == 100 }
        }
    }

    @Test(arguments: [ClusterSettings.Transport.udp, .tcp]) func largeMessagesGoByStream(transport: ClusterSettings.Transport) async throws
    {
        try await run(try await loopbackCluster(transport: transport)) { nodes in
            let ballot = Ballot(round: 1, node: id(1))
            let entries = (1...3).map { number in
                Entry(
                    ballot: ballot, stamp: .zero, content: .command(Array(repeating: UInt8(number), count: 1_000_000 * number)))
            }
            let large = Message.accept(Accept(ballot: ballot, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: entries))
            try await waitForStream(from: nodes[0], to: id(2))
            try await waitForStream(from: nodes[1], to: id(1))
            try await nodes[0].send(large, to: id(2))
            try await nodes[1].send(large, to: id(1))
            for node in nodes {
                try await eventually("the large message comes") { node.inbox.envelopes.count == 1 }
                #expect(node.inbox.envelopes.first?.message == large)
            }
            #expect(try await nodes[0].status(of: id(2)).messagesSentByDatagram == 0)
        }
    }

    @Test func withoutDatagramsEverythingGoesByStream() async throws {
        try await run(try await loopbackCluster(transport: .tcp)) { nodes in
            try await waitForPath(.tcp, from: nodes[0], to: id(2))
            try await nodes[0].send(small, to: id(2))
            try await eventually("it comes") { nodes[1].inbox.envelopes.count == 1 }
            let counters = try await nodes[0].counters
            #expect(counters.datagramsSent == 0 && counters.datagramsReceived == 0)
        }
    }

    @Test func serviceMessagesGoByStreamInOrder() async throws {
        try await run(try await loopbackCluster()) { nodes in
            try await waitForStream(from: nodes[0], to: id(2))
            let messages = (0..<500).map { ServiceMessage.queryRefused(token: $0, $0 % 2 == 0 ? .busy : .notLeader(id(1).rawValue)) }
            for message in messages { try await nodes[0].on { $0.send(message, to: id(2), shard: shard) } }
            try await eventually("all come") { nodes[1].inbox.services.count == messages.count }
            #expect(nodes[1].inbox.services == messages)
        }
    }

    @Test func hostNamesAreResolved() async throws {
        try await run(try await loopbackCluster(host: "localhost")) { nodes in
            try await waitForPath(.udp, from: nodes[0], to: id(2))
            try await waitForPath(.udp, from: nodes[1], to: id(1))
        }
    }

    @Test func aPeerThatComesBackIsReachedAgain() async throws {
        let description = try await loopbackCluster()
        let group = MultiThreadedEventLoopGroup.singleton
        var limits = TransportLimits.quick
        limits.reachableFor = .milliseconds(100)
        let first = try await RunningNode(description, id(1), on: group.next(), limits: limits)
        let second = try await RunningNode(description, id(2), on: group.next(), limits: limits)
        try await waitForPath(.udp, from: first, to: id(2))
        // Only a connection that has been open can be made again.
        try await waitForStream(from: first, to: id(2))
        try await second.stop()
        try await waitForPath(.down, from: first, to: id(2))
        let again = try await RunningNode(description, id(2), on: group.next(), limits: limits)
        try await waitForPath(.udp, from: first, to: id(2))
        try await waitForStream(from: first, to: id(2))
        #expect(try await first.counters.reconnects >= 1)
        try await first.on { $0.send(.queryRefused(token: 1, .busy), to: id(2), shard: shard) }
        try await eventually("it comes") { again.inbox.services.count == 1 }
        try await first.stop()
        try await again.stop()
    }

    /// A peer that has no datagram socket stands for a network that lets none through.
    @Test func whereDatagramsAreLostEverythingGoesByStreamUntilTheyAreBack() async throws {
        let description = try await loopbackCluster()
        var withoutDatagrams = description.settings
        withoutDatagrams.transport = .tcp
        let streamsOnly = ClusterDescription(
            name: description.name, nodes: description.nodes, shards: description.shards, settings: withoutDatagrams)
        let group = MultiThreadedEventLoopGroup.singleton
        var limits = TransportLimits.quick
        limits.reachableFor = .milliseconds(100)
        let first = try await RunningNode(description, id(1), on: group.next(), limits: limits)
        for (settings, path) in [(streamsOnly, PeerStatus.Path.tcp), (description, .udp), (streamsOnly, .tcp)] {
            let second = try await RunningNode(settings, id(2), on: group.next(), limits: limits)
            try await waitForPath(path, from: first, to: id(2))
            try await waitForStream(from: first, to: id(2))
            try await first.send(small, to: id(2))
            try await eventually("it comes by \(path)") { second.inbox.envelopes.count == 1 }
            try await second.stop()
            try await waitForPath(.down, from: first, to: id(2))
        }
        #expect(first.inbox.lines.contains("node2: datagrams no longer get through; everything goes by TCP"))
        try await first.stop()
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        let description = try await loopbackCluster()
        let group = MultiThreadedEventLoopGroup.singleton
        let node = try await RunningNode(description, id(1), on: group.next())
        let address = description.nodes[0].peer
        let error = await #expect(throws: TransportError.self) { _ = try await RunningNode(description, id(1), on: group.next()) }
        #expect(error?.description == "peer port \(address) is in use by another process (TCP)")
        try await node.stop()
    }
}
