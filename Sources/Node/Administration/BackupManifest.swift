import Foundation

/// `backup.json`: what a backup holds, beside one plain SQLite file for each shard. Fields are only ever added.
package struct BackupManifest: Codable, Hashable, Sendable {
    package struct Shard: Codable, Hashable, Sendable {
        package var name: String
        /// As in the cluster file.
        package var keys: String
        /// The file's name, in the same directory.
        package var file: String
        /// Every command up to here is in it, and none behind.
        package var slot: UInt64
        package var bytes: UInt64
        /// `Checksum` of the file, 16 hexadecimal digits.
        package var hash: String
    }

    static let name = "backup.json"

    package var cluster: String
    /// UTC, ISO 8601.
    package var takenAt: String
    /// Of the software that took it.
    package var version: String
    package var shards: [Shard]

    private enum CodingKeys: String, CodingKey {
        case cluster, version, shards
        case takenAt = "taken_at"
    }

    static func read(_ directory: String) throws(ExitFailure) -> BackupManifest {
        let path = "\(directory)/\(name)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .configuration("\(path) can't be read: is \(directory) a backup, and whole?")
        }
        do {
            return try JSONDecoder().decode(BackupManifest.self, from: data)
        } catch {
            throw .configuration("\(path) is no backup's description that this decree knows: \(error)")
        }
    }
}
