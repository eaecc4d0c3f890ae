import Paxos
import SQLite

/// Reads a replica's whole table and says everything that it finds. Changes nothing; for a replica whose node does not run and can't
/// start meanwhile (the caller holds the node's `LOCK`). A table can always be made again: by the log, or by a peer.
package enum TableVerification {
    /// `directory` is the replica's (`DIR/shard`). Nothing where the ledger can't be read: then nobody knows which table is its own.
    package static func findings(inReplica directory: String) -> [Finding] {
        do throws(StorageError) {
            let ledgerPath = ReplicaDirectory.ledgerPath(directory)
            let ledger = try Reading.file(ledgerPath, .ledger) { (connection) throws(StorageError) in
                try owner(connection, ledgerPath)
            }
            guard let ledger, let (identity, acceptor) = ledger else { return [] }
            let path = ReplicaDirectory.tablePath(directory, generation: acceptor.tableGeneration)
            guard FileSystem.exists(path) else { return missing(path, acceptor) }
            return findings(path, identity, acceptor)
        } catch {
            return []
        }
    }

    private static func owner(
        _ connection: borrowing Connection, _ path: String
    ) throws(StorageError) -> (identity: Identity, acceptor: Acceptor)? {
        guard let identity = try Identity.read(connection, path), let acceptor = try Acceptor.read(connection, path) else { return nil }
        return (identity, acceptor)
    }

    private static func missing(_ path: String, _ acceptor: Acceptor) -> [Finding] {
        if acceptor.chosenUpTo == .none { return [Finding(.sound, path, "nothing has been applied yet")] }
        return [Finding(.repairable, path, "missing: the next start makes it again")]
    }

    private static func findings(_ path: String, _ identity: Identity, _ acceptor: Acceptor) -> [Finding] {
        var lines: [String] = []
        do throws(StorageError) {
            var log = WriteAheadLog()
            if FileSystem.exists(path + "-wal") { try FileSystem.readPieces(of: path + "-wal") { log.read($0) } }
            if log.losesCommits, let frame = log.firstBad {
                lines.append("its write-ahead log is damaged or torn at frame \(frame): SQLite would drop what stands behind it")
            }
            let found = try Reading.file(path, .table) { (connection) throws(StorageError) in
                try problems(connection, path, identity, acceptor)
            }
            lines += found ?? []
        } catch {
            if error.kind == .foreign { return [Finding(.damaged, path, error.description)] }
            lines.append("can't be read: \(error)")
        }
        if lines.isEmpty { return [Finding(.sound, path, "sound")] }
        return lines.map { Finding(.repairable, path, "\($0); the node makes the table again once it meets that") }
    }

    private static func problems(
        _ connection: borrowing Connection, _ path: String, _ identity: Identity, _ acceptor: Acceptor
    ) throws(StorageError) -> [String] {
        var problems = try TableCheck.problems(of: connection, path)
        guard let state = try TableState.read(connection, path) else { return problems }
        try state.owner.check(identity.owner, path: path)
        if state.incarnation != identity.party.incarnation || state.generation != acceptor.tableGeneration {
            problems.append("belongs to another life of this replica than its ledger: it was copied or renamed")
        }
        if state.appliedUpTo < acceptor.compactedUpTo {
            problems.append("stands at slot \(state.appliedUpTo), and the log begins behind slot \(acceptor.compactedUpTo)")
        }
        return problems
    }
}
