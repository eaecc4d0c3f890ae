import Foundation
import KeyValue
import Paxos
import Replica
import Storage

/// Does the work at once, on the caller's thread. What is to be done later is not: nothing takes place but what is counted.
struct InlineExecutor: StorageExecutor {
    func enqueue(_ work: @escaping @Sendable () -> Void) { work() }

    func enqueue(after delay: Paxos.Span, _ work: @escaping @Sendable () -> Void) {}
}

/// A replica's files in a directory of their own, which goes with it.
final class MeasuredReplica {
    private let nodeDirectory: String
    private var replica: OpenReplica
    /// The last slot that was made an entry of.
    private var last: UInt64 = 0
    /// The chosen index that the ledger was last given.
    private var chosenWritten: UInt64 = 0
    private var writeNumber: UInt64 = 0

    init() throws {
        nodeDirectory = FileManager.default.temporaryDirectory.path + "/decree-counts-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: nodeDirectory, withIntermediateDirectories: true)
        replica = try Self.open(nodeDirectory)
    }

    deinit {
        Self.close(replica)
        try? FileManager.default.removeItem(atPath: nodeDirectory)
    }

    /// From the disk, with nothing in memory.
    func reopen() throws {
        Self.close(replica)
        replica = try Self.open(nodeDirectory)
    }

    var ledger: LedgerStore { replica.ledger }
    var table: TableStore { replica.table }

    /// The log's next entries.
    func entries(_ count: Int) -> [SlottedEntry] {
        let first = last + 1
        last += UInt64(count)
        return (first...last).map(Sample.entry)
    }

    /// As the core would have them written: the chosen index comes along now and then only, and names what was written before.
    func write(of entries: [SlottedEntry]) -> LedgerWrite {
        writeNumber += 1
        let chosen = entries[0].slot.rawValue - 1
        let isDue = chosen - chosenWritten >= UInt64(Settings().chosenLagSlotsMax)
        if isDue { chosenWritten = chosen }
        return LedgerWrite(number: writeNumber, entries: entries, chosenUpTo: isDue ? Slot(chosen) : nil)
    }

    /// Writes and applies each key once, and says that all of it is chosen.
    func fill() {
        while last <= UInt64(Sample.keys) {
            let entries = entries(500)
            ledger.commit(write(of: entries))
            table.apply(entries)
        }
        writeNumber += 1
        ledger.commit(LedgerWrite(number: writeNumber, chosenUpTo: Slot(last)))
        chosenWritten = last
    }

    /// How many slots the log keeps.
    private static let tail: UInt64 = 2048

    /// Commits, and lets the log give up what its tail does not need, now and then, as if the table were always durable.
    func commit(_ write: LedgerWrite) {
        if write.chosenUpTo != nil {
            let last = write.entries[0].slot.rawValue - 1
            ledger.compact(upTo: Slot(max(last, Self.tail) - Self.tail), durableUpTo: Slot(last))
        }
        ledger.commit(write)
    }

    /// Writes so much that from now on rows are written over others, which were given up, and begins anew with an empty write-ahead log.
    func fillLog() throws {
        while last < 3 * Self.tail {
            let entries = entries(512)
            commit(write(of: entries))
            table.apply(entries)
        }
        try reopen()
    }

    private static func open(_ nodeDirectory: String) throws -> OpenReplica {
        let owner = ReplicaOwner(
            cluster: "demo", nodeName: "dc1", node: NodeID(rawValue: 1), shardName: "shard1", shard: ShardID(rawValue: 7))
        let executor = InlineExecutor()
        var limits = StorageLimits()
        // What is applied goes into the file within a run, in batches as under load.
        limits.unwrittenEntriesMax = 4096
        return try ReplicaDirectory(nodeDirectory: nodeDirectory, owner: owner).open(
            ledgerExecutor: executor, tableExecutor: executor, writerExecutor: executor, snapshotExecutor: executor, handlers: handlers,
            medium: .operatingSystem(limits: limits), random: { 0xABC })
    }

    private static func close(_ replica: OpenReplica) {
        replica.ledger.close()
        replica.table.close()
        replica.snapshots.close()
    }

    /// Counts are of what went well.
    private static let handlers = StorageHandlers(
        completed: { event in
            guard case .answers(let answers) = event else { return }
            for answer in answers {
                guard case .value(.some) = answer else { fatalError("a key has no value: \(answer)") }
            }
        }, failed: { fatalError("\($0)") }, stalled: { fatalError("\($0)") }, noticed: { fatalError($0) })
}
