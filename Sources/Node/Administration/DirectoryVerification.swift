import Foundation
import Paxos
import Storage

/// `decree verify`: all that can be told of a node's files, or of one replica's, while the node is down.
package struct DirectoryVerification {
    /// One line for each thing that was looked at.
    package let lines: [String]
    package let replicaCount: Int
    package let damagedCount: Int
    package let repairableCount: Int

    /// `directory` is a node's, or a replica's in it. Takes the node's lock, so that nothing changes meanwhile.
    package init(of directory: String) throws(ExitFailure) {
        let path = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let isReplica = ReplicaPaths.isReplica(path)
        let replicas = isReplica ? [path] : try ReplicaPaths.all(in: path)
        let nodeDirectory = isReplica ? (URL(fileURLWithPath: path).deletingLastPathComponent().path) : path
        let lock: NodeLock
        do throws(StorageError) { lock = try NodeLock(directory: nodeDirectory) } catch { throw ExitFailure(error) }
        let findings = withExtendedLifetime(lock) { replicas.flatMap(Self.findings) }
        lines = findings.map(Self.text)
        replicaCount = replicas.count
        damagedCount = findings.count { $0.severity == .damaged }
        repairableCount = findings.count { $0.severity == .repairable }
    }

    package var summary: String {
        let replicas = replicaCount == 1 ? "1 replica" : "\(replicaCount) replicas"
        guard damagedCount + repairableCount > 0 else { return "\(replicas): sound" }
        return "\(replicas): \(damagedCount) damaged, \(repairableCount) that the node puts right by itself"
    }

    private static func text(_ finding: Finding) -> String {
        switch finding.severity {
        case .sound: "ok          \(finding)"
        case .repairable: "repairable  \(finding)"
        case .damaged: "DAMAGED     \(finding)"
        }
    }

    private static func findings(_ replica: String) -> [Finding] {
        let ledger = LedgerVerification.findings(inReplica: replica)
        let others = TableVerification.findings(inReplica: replica) + SnapshotVerification.findings(inReplica: replica)
        return ledger + others + between(replica, isLedgerSound: !ledger.contains { $0.severity == .damaged })
    }

    // MARK: Ledger and table, side by side

    /// What either has been found to be by itself is said already.
    private static func between(_ path: String, isLedgerSound: Bool) -> [Finding] {
        do throws(StorageError) {
            let replica = try ReplicaInspection(directory: path, entriesMax: 0)
            guard replica.lastSlot >= replica.chosenUpTo || replica.compactedUpTo >= replica.chosenUpTo else {
                return [Finding(.damaged, path, "the log ends at slot \(replica.lastSlot), below what is chosen: \(replica.chosenUpTo)")]
            }
            guard let table = replica.table, table.appliedUpTo >= replica.compactedUpTo else { return [] }
            return [Finding(.sound, path, "ledger and table fit: applied up to \(table.appliedUpTo), chosen up to \(replica.chosenUpTo)")]
        } catch {
            return isLedgerSound ? [Finding(.damaged, path, error.description)] : []
        }
    }
}
