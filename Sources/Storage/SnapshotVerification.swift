import Paxos
import Replica

/// Reads the snapshots that a replica keeps: bytes against their hash, and what they hold. Changes nothing.
package enum SnapshotVerification {
    /// `directory` is the replica's (`DIR/shard`). One finding for each snapshot that is kept.
    package static func findings(inReplica directory: String) -> [Finding] {
        let folder = ReplicaDirectory.snapshotsPath(directory)
        guard FileSystem.exists(folder), let names = try? FileSystem().names(in: folder) else { return [] }
        let slots = names.compactMap { $0.hasSuffix(".sqlite") ? UInt64($0.dropLast(7)) : nil }
        return slots.sorted().map { finding(Slot($0), folder) }
    }

    /// A backup's file, or a snapshot's: the lines that say why it can't be used.
    package static func findings(inSnapshot path: String) -> [Finding] {
        do throws(StorageError) {
            let contents = try SnapshotContents(path: path, vfs: nil)
            return [Finding(.sound, path, "sound, at slot \(contents.state.appliedUpTo)")]
        } catch {
            return [Finding(.damaged, path, error.description)]
        }
    }

    private static func finding(_ slot: Slot, _ folder: String) -> Finding {
        let path = "\(folder)/\(slot.rawValue).sqlite"
        do throws(StorageError) {
            guard let offer = try SnapshotFolder.offer(at: slot, in: folder, FileSystem()) else {
                return Finding(.repairable, path, "has no line with its size and hash, or another size: the next start deletes it")
            }
            guard try SnapshotHash.of(path, byteCount: offer.byteCount, FileSystem()) == offer.hash else {
                return Finding(.repairable, path, "is not what was written: the node deletes it instead of sending it")
            }
            _ = try SnapshotContents(path: path, vfs: nil)
            return Finding(.sound, path, "sound")
        } catch {
            return Finding(.repairable, path, "\(error.description); a peer would refuse it")
        }
    }
}
