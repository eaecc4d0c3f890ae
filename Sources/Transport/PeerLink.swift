import KeyValue
import NIOCore
import Paxos
import Replica
import Sharding
import Wire

/// Everything between this node and one peer: which way messages go, and what has gathered for each way.
final class PeerLink {
    let peer: NodeID
    private let name: String
    private let limits: TransportLimits
    private let counts: CounterBox
    private var connection: PeerConnection?
    /// Nil where the cluster file says TCP only.
    private var reachability: Reachability?
    private var batch: DatagramBatch
    /// Where datagrams go. For a host name, what the last connection resolved it to.
    private var datagramAddress: SocketAddress?

    private var messagesSentByDatagram: UInt64 = 0
    private var messagesReceivedByDatagram: UInt64 = 0
    private var messagesReceivedByStream: UInt64 = 0

    init(
        peer: NodeDescription, codec: FrameCodec, usesDatagrams: Bool, limits: TransportLimits, eventLoop: any EventLoop, counts: CounterBox
    ) {
        self.peer = peer.id
        name = peer.name
        self.limits = limits
        self.counts = counts
        reachability = usesDatagrams ? Reachability(firstNumber: .random(in: 0...UInt64.max)) : nil
        batch = DatagramBatch(codec: codec, peer: peer.id, byteCountMax: limits.datagramByteCountMax)
        // A host name is left to the connection, which resolves it without blocking.
        datagramAddress = try? SocketAddress(ipAddress: peer.peer.host, port: peer.peer.port)
        connection = PeerConnection(
            peer: peer.id, address: peer.peer, codec: codec, limits: limits, eventLoop: eventLoop, counts: counts, delegate: self)
    }

    func start() { connection?.start() }

    func stop() { connection?.stop() }

    func send(_ envelope: Envelope, shard: ShardID) {
        if reachability?.isReachable == true, datagramAddress != nil, batch.append(envelope, shard: shard) {
            messagesSentByDatagram += 1
        } else {
            connection?.send { $0.writeSection(envelope, shard: shard) }
        }
    }

    func send(_ body: ServiceMessage, shard: ShardID) {
        connection?.send { $0.writeSection(body, shard: shard) }
    }

    /// `socket` is nil while there is none.
    func flush(socket: (any Channel)?) {
        batch.drain { datagram in
            guard let socket, let datagramAddress, socket.isWritable else {
                counts.value.queueDropped += 1
                return
            }
            counts.value.datagramsSent += 1
            counts.value.datagramBytesSent += UInt64(datagram.readableBytes)
            socket.write(AddressedEnvelope(remoteAddress: datagramAddress, data: datagram), promise: nil)
        }
        connection?.flush()
    }

    func tick(at now: NIODeadline) {
        if reachability?.expire(at: now, after: limits.reachableFor) == true {
            counts.log("\(name): datagrams no longer get through; everything goes by TCP")
        }
        probe()
        connection?.tick(at: now)
    }

    /// Asks whether datagrams of the largest size get through. Goes with the next `flush`.
    private func probe() {
        guard datagramAddress != nil, let number = reachability?.nextProbe() else { return }
        let padding = limits.datagramByteCountMax - FrameHeader.byteCount - Section.headerByteCount - 8
        _ = batch.append(LinkMessage.probe(number: number, padding: padding))
    }

    // MARK: Receiving

    func received(_ message: LinkMessage) {
        switch message {
        case .greeting: break
        case .probe(let number, _):
            // Goes where the cluster file says, not where the probe seems to come from: nobody is made to answer strangers.
            if datagramAddress != nil { _ = batch.append(LinkMessage.echo(number: number)) }
        case .echo(let number):
            if reachability?.echoed(number, at: .now()) == true { counts.log("\(name): datagrams get through") }
        }
    }

    func countReceived(byDatagram: Bool) {
        if byDatagram { messagesReceivedByDatagram += 1 } else { messagesReceivedByStream += 1 }
    }

    var status: PeerStatus {
        let isAnswering = connection?.isAnswering ?? false
        return PeerStatus(
            node: peer, path: reachability?.isReachable == true ? .udp : isAnswering ? .tcp : .down,
            isConnected: connection?.isOpen ?? false, messagesSentByDatagram: messagesSentByDatagram,
            messagesReceivedByDatagram: messagesReceivedByDatagram, messagesSentByStream: connection?.messagesSent ?? 0,
            messagesReceivedByStream: messagesReceivedByStream, queueByteCount: connection?.queueByteCount ?? 0)
    }
}

extension PeerLink: PeerConnectionDelegate {
    func connectionOpened(address: SocketAddress?) {
        if let address { datagramAddress = address }
        counts.log("\(name): connected")
    }

    func connectionLost() { counts.log("\(name): connection lost") }
}
