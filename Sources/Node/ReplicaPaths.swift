import Foundation

/// Where replicas are in a node's directory.
enum ReplicaPaths {
    /// Ascending. A replica that has lost its ledger is one as well.
    static func all(in directory: String) throws(ExitFailure) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .inputOutput("can't read \(directory): is it there, and a directory?")
        }
        let paths = names.sorted().map { "\(directory)/\($0)" }.filter(isReplica)
        guard !paths.isEmpty else {
            throw .inputOutput("\(directory) holds no replica: name a directory with a ledger.sqlite, or a node's directory")
        }
        return paths
    }

    static func isReplica(_ directory: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.contains { $0 == "ledger.sqlite" || $0.hasPrefix("table-") && $0.hasSuffix(".sqlite") }
    }
}
