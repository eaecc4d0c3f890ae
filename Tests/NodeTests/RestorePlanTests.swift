import Foundation
import Node
import Paxos
import Sharding
import Testing

@Suite struct RestorePlanTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("decree-restore-\(UUID().uuidString)").path
    private let content = [UInt8]("not really a database, but its bytes are what they were".utf8)

    private func cluster(_ name: String = "new", shards: [(String, String)] = [("shard1", "a*")]) throws -> ClusterDescription {
        let described = try shards.map { name, keys in
            ShardDescription(id: ShardID(name: name), name: name, keys: try KeyRange(text: keys), preferredLeader: nil)
        }
        return ClusterDescription(name: name, nodes: [], shards: described, settings: ClusterSettings())
    }

    private func makeBackup(keys: String = "a*", hash: UInt64? = nil) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let digits = String(hash ?? Checksum.of(content), radix: 16)
        let manifest = """
            {
              "cluster": "old", "taken_at": "2026-01-01T00:00:00Z", "version": "0.1.0",
              "shards": [{
                "name": "shard1", "keys": "\(keys)", "file": "shard1.sqlite", "slot": 9, "bytes": \(content.count), "hash": "\(digits)"
              }]
            }
            """
        try Data(manifest.utf8).write(to: URL(fileURLWithPath: directory + "/backup.json"))
        try Data(content).write(to: URL(fileURLWithPath: directory + "/shard1.sqlite"))
    }

    private func refusal(_ cluster: ClusterDescription) -> ExitFailure? {
        do throws(ExitFailure) {
            _ = try RestorePlan(backup: directory, cluster: cluster)
            return nil
        } catch {
            return error
        }
    }

    @Test func aWholeBackupOfTheSameShardsIsTaken() throws {
        try makeBackup()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let plan = try RestorePlan(backup: directory, cluster: cluster())
        #expect(plan.items.map(\.slot) == [Slot(9)])
        #expect(plan.items.map(\.path) == ["\(directory)/shard1.sqlite"])
        #expect(plan.notes.isEmpty)
        let renamed = try RestorePlan(backup: directory, cluster: cluster("old"))
        #expect(renamed.notes.count == 1)
    }

    @Test func othersShardsAreRefused() throws {
        try makeBackup()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try refusal(cluster(shards: [("shard1", "b*")]))?.code == 78)
        #expect(try refusal(cluster(shards: [("shard2", "a*")]))?.code == 78)
        #expect(try refusal(cluster(shards: [("shard1", "a*"), ("shard2", "b*")]))?.code == 78)
        #expect(try refusal(cluster(shards: [("shard2", "b*")]))?.description.contains("has no shard 'shard2'") == true)
    }

    @Test func aChangedFileIsRefused() throws {
        try makeBackup(hash: 5)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try refusal(cluster())?.code == 74)
    }

    @Test func halfABackupIsNone() throws {
        #expect(try refusal(cluster())?.description.contains("a backup, and whole?") == true)
        try makeBackup()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.removeItem(atPath: directory + "/shard1.sqlite")
        #expect(try refusal(cluster())?.code == 74)
    }

    @Test func nothingIsRestoredOverAnything() throws {
        try makeBackup()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(throws: ExitFailure.self) { try RestorePlan.checkIsFree(directory) }
        try RestorePlan.checkIsFree(directory + "/new")
    }
}
