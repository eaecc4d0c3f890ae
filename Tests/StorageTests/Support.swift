import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Synchronization
import Testing

/// A directory that goes with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/decree-storage-" + UUID().uuidString
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch { fatalError("\(error)") }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Does the work at once, on the caller's thread; delayed work when it is told to.
final class InlineExecutor: StorageExecutor {
    private let delayed = Mutex<[@Sendable () -> Void]>([])

    func enqueue(_ work: @escaping @Sendable () -> Void) { work() }

    func enqueue(after delay: Span, _ work: @escaping @Sendable () -> Void) {
        delayed.withLock { $0.append(work) }
    }

    func runDelayed() {
        let due = delayed.withLock { delayed in
            defer { delayed = [] }
            return delayed
        }
        for work in due { work() }
    }
}

/// What the stores reported.
final class Recorder: Sendable {
    struct Seen: Sendable {
        var receipts: [UInt64] = []
        var entries: [[SlottedEntry]] = []
        var appliedUpTo: [Slot] = []
        var outcomes: [AppliedCommand] = []
        var hashes: [TableHash] = []
        var answers: [Outcome] = []
        var failures: [StorageError] = []
        var stalls: [StorageStall] = []
        var notices: [String] = []
        var room: [Bool] = []
        var compactedUpTo: [Slot] = []
        var durableUpTo: [Slot] = []
        var offers: [SnapshotOffer?] = []
        var chunks: [SnapshotChunk?] = []
        var storedUpTo: [UInt64] = []
        var installed: [InstalledSnapshot] = []
        var refusals: [String] = []
    }

    private let state = Mutex(Seen())
    private let receipt = DispatchSemaphore(value: 0)
    private let stall = DispatchSemaphore(value: 0)

    var seen: Seen { state.withLock { $0 } }

    var handlers: StorageHandlers {
        StorageHandlers(
            completed: { event in
                self.state.withLock { seen in
                    switch event {
                    case .ledgerCommitted(let receipt): seen.receipts.append(receipt.upTo)
                    case .ledgerEntries(_, let rows):
                        seen.entries.append(rows.entries)
                        seen.compactedUpTo.append(rows.compactedUpTo)
                    case .roomChanged(let hasRoom): seen.room.append(hasRoom)
                    case .applied(let upTo, let outcomes):
                        seen.appliedUpTo.append(upTo)
                        seen.outcomes += outcomes
                    case .hashed(let hash): seen.hashes.append(hash)
                    case .answers(let answers): seen.answers += answers
                    case .tableDurable(let upTo): seen.durableUpTo.append(upTo)
                    case .snapshotOffered(let offer): seen.offers.append(offer)
                    case .snapshotRead(_, let chunk): seen.chunks.append(chunk)
                    case .snapshotStored(_, let upTo): seen.storedUpTo.append(upTo)
                    case .snapshotInstalled(let installed): seen.installed.append(installed)
                    case .snapshotRefused(_, let line): seen.refusals.append(line)
                    }
                }
                if case .ledgerCommitted = event { self.receipt.signal() }
            }, failed: { failure in self.state.withLock { $0.failures.append(failure) } },
            stalled: { stall in
                self.state.withLock { $0.stalls.append(stall) }
                self.stall.signal()
            }, noticed: { notice in self.state.withLock { $0.notices.append(notice) } })
    }

    // The bound is only reached by a test that fails.
    func waitForReceipt() { #expect(receipt.wait(timeout: .now() + 60) == .success) }
    func waitForStall() { #expect(stall.wait(timeout: .now() + 60) == .success) }
}

/// Opens one replica in a directory again and again.
struct Replicas {
    let directory = TemporaryDirectory()
    var owner = Replicas.owner()
    var limits = StorageLimits()
    let executor = InlineExecutor()

    var path: String { directory.path + "/" + owner.shardName }
    var ledgerPath: String { path + "/ledger.sqlite" }
    func tablePath(_ generation: Int = 1) -> String { path + String(format: "/table-%06d.sqlite", generation) }

    static func owner(cluster: String = "demo", node: String = "dc1", id: UInt16 = 1, shard: String = "shard1") -> ReplicaOwner {
        ReplicaOwner(cluster: cluster, nodeName: node, node: NodeID(rawValue: id), shardName: shard, shard: ShardID(rawValue: 7))
    }

    func open(_ recorder: Recorder = Recorder(), incarnation: UInt64 = 0xABC) throws(StorageError) -> OpenReplica {
        try ReplicaDirectory(nodeDirectory: directory.path, owner: owner).open(
            ledgerExecutor: executor, tableExecutor: executor, writerExecutor: executor, snapshotExecutor: executor,
            handlers: recorder.handlers,
            medium: StorageMedium.operatingSystem(limits: limits), random: { incarnation })
    }

    /// Turns a closed ledger into one of the version before rows had places.
    func beforePlaces() throws {
        let columns = "ballot_round INTEGER NOT NULL, ballot_node INTEGER NOT NULL, stamp INTEGER NOT NULL, kind INTEGER NOT NULL"
        _ = try shell(
            ledgerPath,
            """
            CREATE TABLE rows (slot INTEGER PRIMARY KEY, \(columns), payload BLOB NOT NULL, checksum INTEGER NOT NULL);
            INSERT INTO rows SELECT * FROM log;
            DROP VIEW replica; DROP VIEW log_entries; DROP VIEW log; DROP TABLE log_rows; DROP TABLE log_segments; DROP TABLE log_places;
            ALTER TABLE rows RENAME TO log; CREATE VIEW replica AS SELECT 1; CREATE VIEW log_entries AS SELECT 1;
            DELETE FROM migrations WHERE number = 3; PRAGMA user_version = 2;
            """)
    }

    /// Opens it in its present state elsewhere, as a crash at this moment would leave it: a child process copies the files.
    func crashed() throws -> Replicas {
        let copy = Replicas(owner: owner, limits: limits)
        _ = try run("/bin/cp", ["-r", path, copy.path])
        return copy
    }
}

extension OpenReplica {
    func close() {
        ledger.close()
        table.close()
        snapshots.close()
    }
}

/// Runs a program to its end; its output.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

func shell(_ path: String, _ sql: String) throws -> String { try run("/usr/bin/sqlite3", [path, sql]) }

// Values that read well in tests.

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func ballot(_ round: UInt64, _ node: UInt16 = 1) -> Ballot { Ballot(round: round, node: NodeID(rawValue: node)) }

let session = SessionID(node: 1, random: 42)

/// The entry at `slot` that a leader would have proposed: at slot 1 the session is opened.
func entry(_ slot: UInt64, _ mutation: Mutation, round: UInt64 = 1, answeredBelow: UInt64 = 1) -> SlottedEntry {
    let command = SessionCommand(session: session, sequence: slot, answeredBelow: answeredBelow, mutation: mutation)
    return SlottedEntry(
        slot: Slot(slot),
        entry: Entry(ballot: ballot(round), stamp: Stamp(rawValue: 1_700_000_000_000 + slot), content: .command(command.bytes)))
}

let opening = entry(1, .openSession(timeToLive: 1_000_000))

func set(_ slot: UInt64, _ key: String, _ value: String, round: UInt64 = 1) -> SlottedEntry {
    entry(slot, .set(key: bytes(key), value: bytes(value), condition: .always, returnsPrevious: false), round: round, answeredBelow: slot)
}

/// The session's opening at slot 1, and sets of `key2`, `key3`, … after it.
func log(through last: UInt64) -> [SlottedEntry] {
    [opening] + (2..<max(last + 1, 2)).map { set($0, "key\($0)", "value\($0)") }
}
