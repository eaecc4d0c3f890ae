import NIOCore
import Paxos
import Replica
import Wire

extension PeerTransport: DatagramDelegate {
    func received(datagram: ByteBuffer) {
        counts.value.datagramsReceived += 1
        counts.value.datagramBytesReceived += UInt64(datagram.readableBytes)
        do throws(WireError) {
            var frame = try codec.frame(datagram: datagram)
            guard let link = links[Int(frame.sender.rawValue)] else { throw .unknownSender(frame.sender) }
            while let section = try frame.nextSection() {
                guard case .link(let message) = section else {
                    deliver(section, from: link, byDatagram: true)
                    continue
                }
                link.received(message)
                requestFlush()
            }
        } catch {
            counts.drop(error, "dropped a datagram: \(error)")
        }
    }

    func datagramErrorCaught() { counts.value.sendErrors += 1 }

    func datagramSocketClosed() { forgetDatagramSocket() }

    private func deliver(_ section: Section, from link: PeerLink, byDatagram: Bool) {
        switch section {
        case .envelope(let envelope, let shard):
            link.countReceived(byDatagram: byDatagram)
            handlers.onEnvelope(envelope, shard)
        case .service(let body, let shard):
            link.countReceived(byDatagram: byDatagram)
            handlers.onService(body, link.peer, shard)
        case .link: break
        }
    }
}

/// Connections that peers have dialled.
extension PeerTransport: StreamDelegate {
    func streamOpened(_ stream: StreamHandler) {
        // Accepted before the listener was closed, opened after: nobody would close it any more, and it would answer probes for ever.
        guard !isStopped else { return stream.close() }
        guard inbound.count < limits.inboundConnectionsMax else {
            counts.drop(.tooManyConnections, "closed a connection: there are \(inbound.count) already")
            return stream.close()
        }
        inbound[ObjectIdentifier(stream)] = stream
    }

    func stream(_ stream: StreamHandler, received frame: inout Frame) throws(WireError) {
        counts.value.framesReceived += 1
        guard let link = links[Int(frame.sender.rawValue)] else { throw .unknownSender(frame.sender) }
        while let section = try frame.nextSection() {
            if case .link(let message) = section {
                answer(message, to: link.peer, on: stream)
            } else {
                deliver(section, from: link, byDatagram: false)
            }
        }
    }

    func stream(_ stream: StreamHandler, failed error: WireError) {
        counts.drop(error, "closed a connection from \(Self.name(of: stream.channel?.remoteAddress)): \(error)")
    }

    private static func name(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "somebody" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    func streamRead(byteCount: Int) { counts.value.streamBytesReceived += UInt64(byteCount) }

    func streamClosed(_ stream: StreamHandler) { inbound[ObjectIdentifier(stream)] = nil }

    /// An echo goes back on the connection that the probe came on; one that can't be written is not worth waiting for.
    private func answer(_ message: LinkMessage, to peer: NodeID, on stream: StreamHandler) {
        guard case .probe(let number, _) = message, let channel = stream.channel, channel.isWritable else { return }
        var buffer = channel.allocator.buffer(capacity: 64)
        let start = codec.openFrame(to: peer, in: &buffer)
        buffer.writeSection(LinkMessage.echo(number: number))
        codec.closeFrame(startingAt: start, in: &buffer)
        counts.value.framesSent += 1
        counts.value.streamBytesSent += UInt64(buffer.readableBytes)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func closeSilentConnections(at now: NIODeadline) {
        for stream in inbound.values {
            let limit = stream.hasValidFrame ? limits.inboundSilenceMax : limits.firstFrameTimeout
            guard now - stream.lastHeard > limit else { continue }
            counts.drop(.silentConnection, "closed a connection that sent nothing valid for \(limit.nanoseconds / 1_000_000_000) s")
            stream.close()
        }
    }
}
