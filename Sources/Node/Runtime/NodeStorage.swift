import Foundation
import Logging
import Paxos
import Replica
import Sharding
import Storage

/// A node's directory: its lock, and each shard's replica, open, with four threads (ledger, table, the table's writer, snapshots) for each.
struct NodeStorage {
    private let lock: NodeLock
    /// When this process had the lock: an earlier one that had it has ended before.
    let lockedAt: Instant
    /// In the order of the cluster's shards.
    let replicas: [OpenReplica]
    private let threads: [SerialThread]

    init(
        directory: String, cluster: ClusterDescription, node: NodeDescription, mailbox: StorageMailbox, log: Logger
    ) throws(ExitFailure) {
        var replicas: [OpenReplica] = []
        var threads: [SerialThread] = []
        do throws(StorageError) {
            lock = try NodeLock(directory: directory)
            lockedAt = BootClock.now
            try Self.refuseOthers(in: directory, cluster)
            for (ordinal, shard) in cluster.shards.enumerated() {
                let ledgerThread = try SerialThread(name: "ledger \(shard.name)")
                let tableThread = try SerialThread(name: "table \(shard.name)")
                let writerThread = try SerialThread(name: "writer \(shard.name)")
                let snapshotThread = try SerialThread(name: "files \(shard.name)")
                threads += [ledgerThread, tableThread, writerThread, snapshotThread]
                let owner = ReplicaOwner(
                    cluster: cluster.name, nodeName: node.name, node: node.id, shardName: shard.name, shard: shard.id)
                let replica = try ReplicaDirectory(nodeDirectory: directory, owner: owner).open(
                    ledgerExecutor: ledgerThread, tableExecutor: tableThread, writerExecutor: writerThread,
                    snapshotExecutor: snapshotThread, handlers: Self.handlers(ordinal, shard.name, mailbox, log),
                    medium: .operatingSystem(limits: StorageLimits(cluster.settings)),
                    random: { UInt64.random(in: .min ... .max) })
                replicas.append(replica)
            }
        } catch {
            for replica in replicas { replica.close() }
            for thread in threads { thread.stop() }
            throw ExitFailure(error)
        }
        self.replicas = replicas
        self.threads = threads
    }

    /// One line for each replica.
    func describe(_ cluster: ClusterDescription, to log: Logger) {
        for (shard, replica) in zip(cluster.shards, replicas) {
            let identity = replica.state.identity
            log.notice(
                """
                \(shard.name): incarnation \(identity.incarnation), start \(identity.boot.rawValue), \
                chosen up to \(replica.state.chosenUpTo), applied up to \(replica.rolledUpTo)
                """)
            if replica.state.membership.stage == .stranger {
                log.warning("\(shard.name): this replica is a stranger to its group and does not vote: see decree replace")
            }
        }
    }

    /// Writes what is applied and closes the files; returns when that is done.
    func close() {
        for replica in replicas { replica.close() }
        for thread in threads { thread.stop() }
    }

    private static func handlers(_ ordinal: Int, _ shard: String, _ mailbox: StorageMailbox, _ log: Logger) -> StorageHandlers {
        StorageHandlers(
            completed: { mailbox.post($0, from: ordinal) },
            failed: { error in
                // No retry, no answer, no cleaning up: recovery starts from what is on disk.
                log.critical("\(error)")
                _exit(ExitFailure(error).code)
            },
            stalled: { log.warning("\(shard): \($0)") },
            noticed: { log.warning("\(shard): \($0)") })
    }

    /// A shard that was renamed or taken out of the cluster file would silently start empty, or be forgotten.
    private static func refuseOthers(in directory: String, _ cluster: ClusterDescription) throws(StorageError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let known = Set(cluster.shards.map(\.name))
        let isReplica = { (name: String) in FileManager.default.fileExists(atPath: "\(directory)/\(name)/ledger.sqlite") }
        guard let other = names.sorted().first(where: { !known.contains($0) && isReplica($0) }) else { return }
        throw StorageError(.foreign, "\(directory) holds a replica of shard '\(other)', which the cluster file does not have")
    }
}

extension StorageLimits {
    init(_ settings: ClusterSettings) {
        self.init()
        logBytesMax = settings.logBytesMax
        snapshotsMax = settings.snapshotsMax
        keepFree(UInt64(settings.diskReserveBytes))
    }
}

extension ShardLimits {
    init(_ settings: ClusterSettings) {
        self.init()
        logTailSlots = settings.logSlots
        logCourtesySlots = 4 * settings.logSlots
    }
}

extension OpenReplica {
    fileprivate func close() {
        ledger.close()
        table.close()
        snapshots.close()
    }
}

extension ExitFailure {
    init(_ error: StorageError) {
        switch error.kind {
        case .foreign: self = .configuration(error.description)
        case .inUse, .busy: self = .unavailable(error.description)
        case .newerVersion, .damaged, .full, .inputOutput, .other: self = .inputOutput(error.description)
        }
    }
}
