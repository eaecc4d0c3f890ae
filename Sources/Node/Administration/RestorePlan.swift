import Foundation
import Glibc
package import Paxos
package import Sharding

/// What is checked before anything of a backup is made a node's directory: it is whole, and made for the cluster that is described.
package struct RestorePlan: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package let shard: ShardDescription
        package let path: String
        package let slot: Slot
    }

    /// In the order of the cluster's shards.
    package let items: [Item]
    /// What a person should know, and that stands in nobody's way.
    package let notes: [String]

    /// `directory` is what `decree backup` made.
    package init(backup directory: String, cluster: ClusterDescription) throws(ExitFailure) {
        let manifest = try BackupManifest.read(directory)
        var items: [Item] = []
        for shard in cluster.shards {
            guard let saved = manifest.shards.first(where: { $0.name == shard.name }) else {
                let names = manifest.shards.map(\.name).joined(separator: ", ")
                throw .configuration("the backup has no shard '\(shard.name)': it has \(names); the cluster file must have the same")
            }
            guard saved.keys == shard.keys.text else {
                throw .configuration(
                    "shard '\(shard.name)' has the keys '\(saved.keys)' in the backup, and '\(shard.keys.text)' in the cluster file: "
                        + "they must be the same")
            }
            guard !saved.file.contains("/") else { throw .configuration("\(directory): '\(saved.file)' is no file's name in it") }
            items.append(Item(shard: shard, path: "\(directory)/\(saved.file)", slot: Slot(saved.slot)))
        }
        if let other = manifest.shards.first(where: { saved in !cluster.shards.contains { $0.name == saved.name } }) {
            throw .configuration("the backup's shard '\(other.name)' is not in the cluster file: its keys would be lost")
        }
        for (item, shard) in zip(items, cluster.shards) {
            guard let saved = manifest.shards.first(where: { $0.name == shard.name }) else { continue }
            try Self.check(item.path, saved)
        }
        self.items = items
        notes =
            manifest.cluster == cluster.name
            ? ["the new cluster has the name of the old one, \(cluster.name): see that no node of the old one is running, or rename it"]
            : []
    }

    /// `directory` is to become a node's: nothing may be in it.
    package static func checkIsFree(_ directory: String) throws(ExitFailure) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard names.isEmpty else {
            throw .configuration("\(directory) is not empty: a backup is restored into a new directory, never over anything")
        }
    }

    /// Reads the whole file, a piece at a time.
    private static func check(_ path: String, _ saved: BackupManifest.Shard) throws(ExitFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OutputFile.failure("open", path) }
        defer { close(descriptor) }
        var checksum = ChecksumStream()
        var byteCount: UInt64 = 0
        while true {
            let piece = try piece(of: descriptor, path, at: byteCount)
            guard !piece.isEmpty else { break }
            checksum.add(piece)
            byteCount += UInt64(piece.count)
        }
        guard byteCount == saved.bytes, checksum.checksum == UInt64(saved.hash, radix: 16) else {
            throw .inputOutput("\(path) is not the file that was backed up: its size or its hash differs from backup.json")
        }
    }

    /// Whole, but for the last.
    private static func piece(of descriptor: Int32, _ path: String, at offset: UInt64) throws(ExitFailure) -> [UInt8] {
        let size = 256 << 10
        var hasFailed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(offset) + off_t(count))
                hasFailed = read < 0
                guard read > 0 else { return }
                count += read
            }
        }
        guard !hasFailed else { throw OutputFile.failure("read", path) }
        return bytes
    }
}
