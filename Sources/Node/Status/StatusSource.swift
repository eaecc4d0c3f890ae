import Gateway
import Glibc
import Paxos
import Replica
import Sharding
import Storage
import Transport

/// Composes a node's status from what its parts report. Confined to the node's event loop.
final class StatusSource: NodeDescriber {
    private let cluster: ClusterDescription
    private let node: NodeDescription
    private let shards: [ShardServer]
    private let transport: PeerTransport
    private let startedAt = WallClock.microseconds()
    weak var gateway: Gateway?

    init(cluster: ClusterDescription, node: NodeDescription, shards: [ShardServer], transport: PeerTransport) {
        self.cluster = cluster
        self.node = node
        self.shards = shards
        self.transport = transport
    }

    func statusJSON() -> String { JSONText.of(document()) }

    func info() -> [(section: String, fields: [(String, String)])] {
        let document = document()
        var replication = [("cluster", document.cluster), ("node", document.node), ("datacenter", document.datacenter)]
        for shard in document.shards {
            let fields = [
                "keys=\(shard.keys)", "role=\(shard.role)", "leader=\(shard.leader ?? "")",
                "ballot=\(shard.promised.round).\(shard.promised.node)", "chosen=\(shard.chosenUpTo)", "applied=\(shard.appliedUpTo)",
                "compacted=\(shard.compactedUpTo ?? 0)", "room=\(shard.hasRoom == false ? "no" : "yes")",
            ]
            replication.append((shard.name, fields.joined(separator: ",")))
        }
        for peer in document.peers { replication.append(("peer_\(peer.node)", peer.path)) }
        return [("Replication", replication)]
    }

    private func document() -> StatusDocument {
        StatusDocument(
            version: Version.text, cluster: cluster.name, node: node.name, datacenter: node.datacenter, processID: getpid(),
            uptimeSeconds: Int64((WallClock.microseconds() &- startedAt) / 1_000_000), clients: gateway?.connectedClients ?? 0,
            nodes: cluster.nodes.map {
                .init(name: $0.name, datacenter: $0.datacenter, peer: $0.peer.description, client: $0.client.description)
            },
            shards: zip(cluster.shards, shards).map { status($0, $1.report) }, peers: transport.status().map(status),
            transport: StatusDocument.Transport(transport.counters))
    }

    private func status(_ shard: ShardDescription, _ report: ShardReport) -> StatusDocument.Shard {
        StatusDocument.Shard(
            name: shard.name, keys: shard.keys.text, role: report.role.rawValue, leader: report.leader.map(name),
            preferredLeader: shard.preferredLeader.map(name),
            promised: .init(round: report.promised.round, node: name(report.promised.node)), chosenUpTo: report.chosenUpTo.rawValue,
            appliedUpTo: report.appliedUpTo.rawValue, lastSlot: report.lastSlot.rawValue,
            tableHash: report.tableHash.map { .init(slot: $0.slot.rawValue, hash: hexadecimal($0.value)) },
            incarnation: report.incarnation.description, boot: report.boot.rawValue, configuration: report.configurationNumber,
            voters: report.members.filter(\.isVoter).map { name($0.node) }, waitingFor: report.awaited.map(name),
            holdsLease: report.holdsLease, isHandingOver: report.isHandingOver,
            stalenessMilliseconds: report.staleness?.milliseconds,
            members: report.members.map {
                .init(node: name($0.node), incarnation: $0.incarnation.description, isVoter: $0.isVoter)
            }, isConfigurationPending: report.isConfigurationPending, compactedUpTo: report.compactedUpTo.rawValue, hasRoom: report.hasRoom,
            fetching: report.fetching.map { progress in
                .init(
                    source: progress.source.map(name), slot: progress.slot.rawValue, storedBytes: progress.storedBytes,
                    byteCount: progress.byteCount)
            },
            snapshot: report.newestSnapshot.map {
                .init(slot: $0.slot.rawValue, byteCount: $0.byteCount, hash: hexadecimal($0.hash))
            },
            followers: report.peers.map { peer in
                let acknowledged = min(peer.acknowledged, report.chosenUpTo)
                return .init(
                    node: name(peer.node), acknowledgedUpTo: peer.acknowledged.rawValue, appliedUpTo: peer.appliedUpTo.rawValue,
                    lag: report.chosenUpTo.rawValue - acknowledged.rawValue)
            })
    }

    private func status(_ peer: PeerStatus) -> StatusDocument.Peer {
        StatusDocument.Peer(
            node: name(peer.node), path: peer.path.rawValue, isConnected: peer.isConnected,
            sentByDatagram: peer.messagesSentByDatagram, receivedByDatagram: peer.messagesReceivedByDatagram,
            sentByStream: peer.messagesSentByStream, receivedByStream: peer.messagesReceivedByStream, queuedBytes: peer.queueByteCount)
    }

    private func name(_ id: NodeID) -> String { id.rawValue == 0 ? "-" : cluster.node(id)?.name ?? "\(id)" }
}

extension StatusDocument.Transport {
    init(_ counters: TransportCounters) {
        self.init(
            datagramsSent: counters.datagramsSent, datagramsReceived: counters.datagramsReceived,
            datagramBytesSent: counters.datagramBytesSent, datagramBytesReceived: counters.datagramBytesReceived,
            streamFramesSent: counters.framesSent, streamFramesReceived: counters.framesReceived,
            streamBytesSent: counters.streamBytesSent, streamBytesReceived: counters.streamBytesReceived,
            dropped: Dictionary(uniqueKeysWithValues: counters.dropped.map { ($0.key.rawValue, $0.value) }),
            queueDropped: counters.queueDropped, oversizeDropped: counters.oversizeDropped, reconnects: counters.reconnects,
            sendErrors: counters.sendErrors)
    }
}
