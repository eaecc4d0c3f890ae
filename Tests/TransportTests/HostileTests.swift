import KeyValue
import NIOCore
import NIOPosix
import Paxos
import Replica
import Sharding
import Synchronization
import Testing
import Transport
import Wire

/// What strangers, other clusters and faulty peers may send: it is counted, and the link between the nodes still works.
@Suite struct HostileTests {
    private func withPair(
        limits: TransportLimits = .quick, _ body: (ClusterDescription, RunningNode, RunningNode) async throws -> Void
    ) async throws {
        let description = try await loopbackCluster()
        let group = MultiThreadedEventLoopGroup.singleton
        let first = try await RunningNode(description, id(1), on: group.next(), limits: limits)
        let second = try await RunningNode(description, id(2), on: group.next(), limits: limits)
        try await body(description, first, second)
        try await second.on { $0.send(.queryRefused(token: 1, .busy), to: id(1), shard: shard) }
        try await eventually("the link still works") { first.inbox.services.count == 1 }
        try await eventually("datagrams still get through") { try await second.status(of: id(1)).path == .udp }
        try await first.stop()
        try await second.stop()
    }

    private func wrongFrames(_ description: ClusterDescription) -> [(DropReason, ByteBuffer)] {
        let peer = FrameCodec(cluster: description, node: id(2))
        let foreigner = FrameCodec(
            cluster: ClusterDescription(name: "other", nodes: description.nodes, shards: [], settings: description.settings), node: id(2))
        var version = peer.frame(to: id(1))
        version.setInteger(77 as UInt8, at: 4)
        var flags = peer.frame(to: id(1))
        flags.setInteger(1 as UInt8, at: 5)
        var checksum = peer.frame(to: id(1), .echo(number: 4))
        checksum.setInteger(0xAB as UInt8, at: checksum.writerIndex - 1)
        var malformed = ByteBuffer()
        let start = peer.openFrame(to: id(1), in: &malformed)
        malformed.writeRepeatingByte(0xEE, count: 40)
        peer.closeFrame(startingAt: start, in: &malformed)
        return [
            (.notOurs, ByteBuffer(repeating: 0x47, count: 300)), (.version, version), (.flags, flags),
            (.foreignCluster, foreigner.frame(to: id(1))), (.checksum, checksum), (.misaddressed, peer.frame(to: id(2))),
            (.truncated, malformed),
        ]
    }

    /// It is accepted, the transport stops, and only then it is opened: nobody would see to it any more.
    @Test func aConnectionThatComesWithTheStopIsClosed() async throws {
        let description = try await loopbackCluster()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let node = try await RunningNode(description, id(1), on: group.next())
        node.inbox.onLine.withLock { $0 = { node.stopSoon() } }
        let address = description.nodes[0].peer
        var late: Stranger?
        try await node.whileHeld {
            try await Stranger.sendDatagram(ByteBuffer(repeating: 0x47, count: 300), to: address)
            late = try await Stranger.connect(to: address)
        }
        let stream = try #require(late?.stream)
        try await eventually("the connection is closed") { !stream.isActive }
        try await group.shutdownGracefully()
    }

    @Test func wrongDatagramsAreCountedAndDropped() async throws {
        try await withPair { description, first, _ in
            for (reason, bytes) in wrongFrames(description) {
                try await Stranger.sendDatagram(bytes, to: description.nodes[0].peer)
                try await eventually("\(reason) is counted") { try await first.counters.dropped[reason] == 1 }
            }
            #expect(try await first.counters.dropped.values.reduce(0, +) == 7)
        }
    }

    @Test func aStreamEndsAtItsFirstWrongFrame() async throws {
        try await withPair { description, first, _ in
            for (reason, bytes) in wrongFrames(description) {
                let stranger = try await Stranger.connect(to: description.nodes[0].peer)
                await stranger.write(bytes)
                try await stranger.stream.closeFuture.get()
                try await eventually("\(reason) is counted") { try await first.counters.dropped[reason] == 1 }
            }
            #expect(first.inbox.lines.contains { $0.contains("a frame of another cluster, or of a node whose") })
        }
    }

    @Test func anAnnouncedLengthBeyondTheLimitEndsTheStreamAtOnce() async throws {
        try await withPair { description, first, _ in
            var header = FrameCodec(cluster: description, node: id(2)).frame(to: id(1))
            header.setInteger(UInt32.max, at: 14, endianness: .little)
            let stranger = try await Stranger.connect(to: description.nodes[0].peer)
            await stranger.write(header)
            try await stranger.stream.closeFuture.get()
            try await eventually("it is counted") { try await first.counters.dropped[.tooLarge] == 1 }
        }
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        var limits = TransportLimits.quick
        limits.firstFrameTimeout = .milliseconds(100)
        try await withPair(limits: limits) { description, first, _ in
            let silent = try await Stranger.connect(to: description.nodes[0].peer)
            let halfway = try await Stranger.connect(to: description.nodes[0].peer)
            var frame = FrameCodec(cluster: description, node: id(2)).frame(to: id(1))
            await halfway.write(try #require(frame.readSlice(length: 36)))
            try await silent.stream.closeFuture.get()
            try await halfway.stream.closeFuture.get()
            try await eventually("both are counted") { try await first.counters.dropped[.silentConnection, default: 0] >= 2 }
        }
    }

    @Test func connectionsAreBounded() async throws {
        var limits = TransportLimits.quick
        limits.inboundConnectionsMax = 3
        try await withPair(limits: limits) { description, first, second in
            try await eventually("the peer is connected") { try await second.status(of: id(1)).path != .down }
            var strangers: [Stranger] = []
            for _ in 0..<4 { strangers.append(try await Stranger.connect(to: description.nodes[0].peer)) }
            try await eventually("two are turned away") { try await first.counters.dropped[.tooManyConnections] == 2 }
            for stranger in strangers { try? await stranger.stream.close() }
        }
    }

    @Test func aFullQueueDropsAndCounts() async throws {
        var limits = TransportLimits.quick
        limits.queueByteCountMax = 10_000
        // Nobody listens there, and nothing is dialled again meanwhile.
        limits.backoffMin = .seconds(60)
        limits.backoffMax = .seconds(60)
        let description = try await loopbackCluster()
        let node = try await RunningNode(description, id(1), on: MultiThreadedEventLoopGroup.singleton.next(), limits: limits)
        let command = ServiceMessage.queryRefused(token: 1, .busy)
        try await eventually("the queue fills and drops") {
            try await node.on { transport in
                for _ in 0..<1000 { transport.send(command, to: id(2), shard: shard) }
                return transport.counters.queueDropped > 0
            }
        }
        let status = try await node.status(of: id(2))
        #expect(status.queueByteCount < 11_000)
        #expect(status.path == .down)
        #expect(!status.isConnected)
        try await node.stop()
    }

    /// A process that is stopped, or a machine that has gone without a word: its kernel may go on taking bytes.
    @Test func aConnectionThatNobodyAnswersIsGivenUp() async throws {
        var limits = TransportLimits.quick
        limits.streamSilenceMax = .milliseconds(100)
        let description = try await loopbackCluster()
        let address = description.nodes[1].peer
        let group = MultiThreadedEventLoopGroup.singleton
        let mute = try await ServerBootstrap(group: group).bind(host: address.host, port: address.port).get()
        let node = try await RunningNode(description, id(1), on: group.next(), limits: limits)
        try await eventually("it dials again") { try await node.counters.reconnects >= 2 }
        #expect(try await node.status(of: id(2)).path == .down)
        try await node.stop()
        try await mute.close()
    }

    @Test func aMessageBeyondEveryLimitIsDropped() async throws {
        var limits = TransportLimits.quick
        limits.messageByteCountMax = 100_000
        try await withPair(limits: limits) { _, first, second in
            let ballot = Ballot(round: 1, node: id(1))
            let entry = Entry(ballot: ballot, stamp: .zero, content: .command(Array(repeating: 7, count: 200_000)))
            let accept = Accept(ballot: ballot, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: [entry])
            try await eventually("the stream is there") { try await first.status(of: id(2)).isConnected }
            try await first.send(.accept(accept), to: id(2))
            try await eventually("it is counted") { try await first.counters.oversizeDropped == 1 }
            // On the same stream, behind whatever may have been left of the long one.
            try await first.on { $0.send(.queryRefused(token: 1, .busy), to: id(2), shard: shard) }
            try await eventually("the next one comes") { second.inbox.services.count == 1 }
            #expect(second.inbox.envelopes.isEmpty)
        }
    }
}
