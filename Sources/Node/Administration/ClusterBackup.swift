import Foundation
import Glibc
import Paxos
import Sharding
import Storage

/// `decree backup`: each shard's table at one slot, as a plain SQLite file, streamed from a node that goes on serving.
package struct ClusterBackup {
    private let endpoint: String
    private let out: String
    private let say: (String) -> Void

    /// Making a snapshot of a large table takes a while.
    private static let makingSeconds = 600
    private static let pieceSeconds = 30

    /// `out` is a directory to be made; for a cluster with a single shard it may be a file whose name ends in `.sqlite`.
    package init(endpoint: String, out: String, say: @escaping (String) -> Void) {
        self.endpoint = endpoint
        self.out = out
        self.say = say
    }

    package func run() throws(ExitFailure) {
        let status = try ClusterStatus.gather(from: endpoint)
        let shards = status.nodes.lazy.compactMap { $0.status?.shards }.first { !$0.isEmpty } ?? []
        guard !FileManager.default.fileExists(atPath: out) else {
            throw .configuration("\(out) is there already: a backup is never written over anything; name another place")
        }
        if out.hasSuffix(".sqlite") {
            guard let shard = shards.first, shards.count == 1 else {
                throw .configuration("the cluster has \(shards.count) shards: name a directory, which gets a file for each")
            }
            _ = try copy(shard, to: out, status)
            return
        }
        guard mkdir(out, 0o755) == 0 else { throw OutputFile.failure("make", out) }
        do throws(ExitFailure) {
            try copy(shards, status)
        } catch {
            // Only where nothing is in it.
            rmdir(out)
            throw error
        }
    }

    private func copy(_ shards: [StatusDocument.Shard], _ status: ClusterStatus) throws(ExitFailure) {
        var manifest = BackupManifest(cluster: status.cluster, takenAt: Self.now(), version: Version.text, shards: [])
        for shard in shards { manifest.shards.append(try copy(shard, to: "\(out)/\(shard.name).sqlite", status)) }
        let file = try OutputFile("\(out)/\(BackupManifest.name)")
        try file.write(Array((JSONText.of(manifest) + "\n").utf8))
        try file.finish()
        say("\(out) is whole: \(manifest.shards.count) shards")
    }

    /// From the node that was named, or else from another: one whose table holds all that was chosen when the backup began.
    private func copy(_ shard: StatusDocument.Shard, to path: String, _ status: ClusterStatus) throws(ExitFailure) -> BackupManifest.Shard {
        let others = status.nodes.filter { $0.client != endpoint && $0.status != nil }.map(\.client)
        let chosen = status.chosenMax(shard.name)
        var reasons: [String] = []
        for client in [endpoint] + others {
            do throws(ExitFailure) {
                var node = try Self.connection(to: client)
                let offer = try Self.makeSnapshot(of: shard.name, atLeast: chosen, &node)
                say("\(shard.name): slot \(offer.slot), \(offer.byteCount) bytes, from \(client)")
                return try receive(shard, offer, to: path, &node)
            } catch {
                // What can't be written here, no other node changes.
                guard error.isUnavailable else { throw error }
                reasons.append("\(client): \(error)")
            }
        }
        throw .unavailable("no node gives a snapshot of \(shard.name): \(reasons.joined(separator: "; "))")
    }

    private struct Offer {
        let slot: UInt64
        let byteCount: UInt64
        let hash: UInt64
    }

    private static func makeSnapshot(of shard: String, atLeast chosen: UInt64, _ node: inout NodeClient) throws(ExitFailure) -> Offer {
        let reply = try ask(["DECREE", "SNAPSHOT", shard], timeoutSeconds: makingSeconds, &node)
        guard case .array(let items) = reply, items.count == 3, case .integer(let slot) = items[0], case .integer(let byteCount) = items[1],
            case .bulk(let digits) = items[2], let hash = UInt64(String(decoding: digits, as: UTF8.self), radix: 16), slot >= 0,
            byteCount > 0
        else { throw .unavailable("the answer is no snapshot's: is it a Decree node of this version?") }
        guard slot >= chosen else { throw .unavailable("its table is behind: it ends at slot \(slot), and \(chosen) are chosen") }
        guard slot > 0 else { throw .unavailable("nothing has been chosen yet") }
        return Offer(slot: UInt64(slot), byteCount: UInt64(byteCount), hash: hash)
    }

    /// A piece at a time is in memory. A file that can't be written ends the backup; a node that fails is left for another.
    private func receive(
        _ shard: StatusDocument.Shard, _ offer: Offer, to path: String, _ node: inout NodeClient
    ) throws(ExitFailure) -> BackupManifest.Shard {
        var checksum = ChecksumStream()
        let file = try OutputFile(path)
        var offset: UInt64 = 0
        while offset < offer.byteCount {
            let words = ["DECREE", "SNAPSHOT", "READ", shard.name, String(offer.slot), String(offset)]
            let reply = try Self.ask(words, timeoutSeconds: Self.pieceSeconds, &node)
            guard case .bulk(let bytes) = reply, !bytes.isEmpty else { throw .unavailable("the snapshot ends early") }
            try file.write(bytes)
            checksum.add(bytes)
            offset += UInt64(bytes.count)
        }
        guard offset == offer.byteCount, checksum.checksum == offer.hash else {
            throw .unavailable("\(path): what came is not what the node has: its hash differs")
        }
        try file.finish()
        return BackupManifest.Shard(
            name: shard.name, keys: shard.keys, file: "\(shard.name).sqlite", slot: offer.slot, bytes: offer.byteCount,
            hash: hexadecimal(offer.hash))
    }

    private static func ask(_ words: [String], timeoutSeconds: Int, _ node: inout NodeClient) throws(ExitFailure) -> NodeReply {
        do throws(QueryError) {
            return try node.ask(words, timeoutSeconds: timeoutSeconds)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private static func connection(to client: String) throws(ExitFailure) -> NodeClient {
        do throws(QueryError) {
            guard let address = try? Address(text: client) else { throw QueryError("no address: \(client)") }
            return try NodeClient(address)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private static func now() -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date())
    }
}
