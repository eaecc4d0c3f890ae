package import Paxos
import Wire

/// What a node's transport has done since it started.
package struct TransportCounters: Hashable, Sendable {
    package var datagramsSent: UInt64 = 0
    package var datagramsReceived: UInt64 = 0
    package var datagramBytesSent: UInt64 = 0
    package var datagramBytesReceived: UInt64 = 0
    /// On streams.
    package var framesSent: UInt64 = 0
    package var framesReceived: UInt64 = 0
    package var streamBytesSent: UInt64 = 0
    package var streamBytesReceived: UInt64 = 0
    /// Came in and were not let through.
    package var dropped: [DropReason: UInt64] = [:]
    /// Messages that found a peer's queue full, or were in it when the peer could not be reached; a datagram counts as one.
    package var queueDropped: UInt64 = 0
    /// Messages longer than any frame may be.
    package var oversizeDropped: UInt64 = 0
    /// Connections that were made again after one was lost.
    package var reconnects: UInt64 = 0
    /// Sends and sockets that failed.
    package var sendErrors: UInt64 = 0

    package init() {}
}

/// Why something that came in was not let through.
package enum DropReason: String, Hashable, Sendable, CaseIterable {
    case notOurs, version, flags, foreignCluster, unknownSender, misnamedSender, misaddressed, tooLarge, truncated, checksum, malformed
    case tooManyConnections, silentConnection

    init(_ error: WireError) {
        switch error {
        case .notOurs: self = .notOurs
        case .version: self = .version
        case .flags: self = .flags
        case .foreignCluster: self = .foreignCluster
        case .unknownSender: self = .unknownSender
        case .misnamedSender: self = .misnamedSender
        case .misaddressed: self = .misaddressed
        case .tooLarge: self = .tooLarge
        case .truncated: self = .truncated
        case .checksum: self = .checksum
        case .malformed: self = .malformed
        }
    }
}

/// The way to one peer, as this node sees it.
package struct PeerStatus: Hashable, Sendable {
    package enum Path: String, Hashable, Sendable {
        /// Datagrams get through and back; what is large goes by TCP.
        case udp
        /// Everything goes by TCP.
        case tcp
        /// Neither is answered.
        case down
    }

    package let node: NodeID
    package let path: Path
    /// The stream to the peer is open.
    package let isConnected: Bool
    package let messagesSentByDatagram: UInt64
    package let messagesReceivedByDatagram: UInt64
    package let messagesSentByStream: UInt64
    package let messagesReceivedByStream: UInt64
    package let queueByteCount: Int
}
