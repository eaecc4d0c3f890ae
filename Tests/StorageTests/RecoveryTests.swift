import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Testing

@Suite struct RecoveryTests {
    let replicas = Replicas()

    /// A replica that has accepted and learnt chosen everything through `last`, and applied it through `applied`.
    private func fill(through last: UInt64, applied: UInt64) throws {
        let replica = try replicas.open()
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: last), chosenUpTo: Slot(last)))
        replica.table.apply(Array(log(through: last).prefix(Int(applied))))
        replica.close()
    }

    private func count(_ replica: OpenReplica, _ recorder: Recorder) -> Outcome? {
        replica.table.read([.count])
        return recorder.seen.answers.last
    }

    /// The last entries while it serves, and what there is before them at once.
    @Test(arguments: [16_384, 1_000])
    func theLedgerRollsTheTableForward(entriesMax: Int) throws {
        try fill(through: 9000, applied: 50)
        let recorder = Recorder()
        var replicas = replicas
        replicas.limits.replayEntriesMax = entriesMax
        let replica = try replicas.open(recorder)
        #expect(replica.appliedUpTo == Slot(9000))
        #expect(replica.rolledUpTo == Slot(UInt64(max(50, 9000 - entriesMax))))
        #expect(replica.state.entries == [])
        #expect(count(replica, recorder) == .integer(8999))
        #expect(recorder.seen.appliedUpTo == [Slot(9000)])
        #expect(recorder.seen.outcomes.isEmpty)
        replica.table.apply([set(9001, "key9001", "value")])
        #expect(recorder.seen.outcomes.map(\.sequence) == [9001])
    }

    /// An error of the disk is to be an error, not a signal.
    @Test func theFileIsMappedOnlyUntilTheTableIsRolledForward() throws {
        try fill(through: 30, applied: 5)
        let replica = try replicas.open()
        let maps = try run("/bin/cat", ["/proc/\(getpid())/maps"])
        #expect(maps.contains(replicas.tablePath() + "-shm\n"))
        #expect(!maps.contains(replicas.tablePath() + "\n"))
        replica.close()
    }

    /// SQLite finds it when a row is looked up.
    @Test(arguments: [16_384, 1])
    func aTableThatCanNotBeRolledForwardIsMadeAgain(entriesMax: Int) throws {
        try fill(through: 30, applied: 5)
        let page = try #require(
            UInt64(try shell(replicas.tablePath(), "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'key_values'")))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: replicas.tablePath()))
        try file.seek(toOffset: (page - 1) * 4096)
        try file.write(contentsOf: [UInt8](repeating: 0, count: 4096))
        try file.close()
        var replicas = replicas
        replicas.limits.replayEntriesMax = entriesMax
        let first = Recorder()
        let replica = try replicas.open(first)
        let isLeftToTheNextStart = entriesMax > 1
        #expect(first.seen.failures.map(\.kind) == (isLeftToTheNextStart ? [.inputOutput] : []))
        #expect(first.seen.notices.count == (isLeftToTheNextStart ? 0 : 1), "\(first.seen.notices)")
        replica.close()
        let recorder = Recorder()
        #expect(count(try replicas.open(recorder), recorder) == .integer(29))
        #expect(recorder.seen.failures.isEmpty)
    }

    @Test func whatIsNotKnownToBeChosenIsNotApplied() throws {
        let first = try replicas.open()
        first.ledger.commit(LedgerWrite(number: 1, entries: log(through: 10), chosenUpTo: Slot(4)))
        first.close()
        let second = try replicas.open()
        #expect(second.appliedUpTo == Slot(4))
        #expect(second.state.entries == Array(log(through: 10)[4...]))
    }

    @Test func theTableMayKnowMoreToBeChosenThanTheLedger() throws {
        let first = try replicas.open()
        first.ledger.commit(LedgerWrite(number: 1, entries: log(through: 10), chosenUpTo: Slot(4)))
        first.table.apply(Array(log(through: 7)))
        first.close()
        let second = try replicas.open()
        #expect(second.appliedUpTo == Slot(7))
        #expect(second.state.chosenUpTo == Slot(7))
        #expect(second.state.entries == Array(log(through: 10)[7...]))
    }

    @Test func aMissingTableIsMadeAgainUnderANewName() throws {
        try fill(through: 30, applied: 30)
        try FileManager.default.removeItem(atPath: replicas.tablePath())
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        #expect(replica.appliedUpTo == Slot(30))
        #expect(count(replica, recorder) == .integer(29))
        #expect(FileManager.default.fileExists(atPath: replicas.tablePath(2)))
        #expect(!FileManager.default.fileExists(atPath: replicas.tablePath(1)))
    }

    /// Its promises and its log are whole: it votes, and waits for a peer's snapshot.
    @Test func aMissingTableIsAwaitedFromAPeerOnceTheLogIsCompacted() throws {
        try fill(through: 30, applied: 30)
        let replica = try replicas.open()
        replica.ledger.compact(upTo: Slot(10), durableUpTo: Slot(30))
        replicas.executor.runDelayed()
        replica.close()
        try FileManager.default.removeItem(atPath: replicas.tablePath())
        let recorder = Recorder()
        let second = try replicas.open(recorder)
        #expect(second.appliedUpTo == .none)
        #expect(second.state.chosenUpTo == Slot(30))
        #expect(second.state.compactedUpTo >= Slot(10))
        #expect(second.state.entries.isEmpty)
        #expect(recorder.seen.notices.contains { $0.contains("from a peer's snapshot") }, "\(recorder.seen.notices)")
    }

    @Test func aLostLedgerMakesAnotherReplicaWithAnotherTable() throws {
        try fill(through: 30, applied: 30)
        try FileManager.default.removeItem(atPath: replicas.ledgerPath)
        let recorder = Recorder()
        let replica = try replicas.open(recorder, incarnation: 0xDEF)
        #expect(
            replica.state.identity == Party(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 0xDEF), boot: Boot(rawValue: 1)))
        #expect(replica.state.membership.stage == .gathering)
        #expect(replica.appliedUpTo == .none)
        #expect(count(replica, recorder) == .integer(0))
        #expect(try shell(replicas.ledgerPath, "SELECT table_file FROM replica") == "table-000002.sqlite")
        #expect(recorder.seen.notices.contains { $0.hasPrefix("\(replicas.ledgerPath) was not there") }, "\(recorder.seen.notices)")
    }

    @Test func aLedgerThatEndsBeforeItsTableDoesNotVote() throws {
        try fill(through: 20, applied: 20)
        let older = try Data(contentsOf: URL(fileURLWithPath: replicas.ledgerPath))
        let replica = try replicas.open()
        let rest = Array(log(through: 30)[20...])
        replica.ledger.commit(LedgerWrite(number: 1, entries: rest, chosenUpTo: Slot(30)))
        replica.table.apply(rest)
        replica.close()
        try older.write(to: URL(fileURLWithPath: replicas.ledgerPath))
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("slot 20") == true)
    }

    /// One changed bit in the text that SQLite keeps of a table, and no statement of ours fits it any more.
    @Test func aLedgerWithAnotherSchemaDoesNotVote() throws {
        try fill(through: 30, applied: 5)
        _ = try shell(replicas.ledgerPath, "ALTER TABLE acceptor RENAME COLUMN chosen_up_to TO chosen_up_tn")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("no such column: chosen_up_to") == true)
    }

    @Test(arguments: [
        "UPDATE identity SET boot = -1", "DELETE FROM identity", "UPDATE identity SET incarnation = 'x'", "UPDATE acceptor SET stage = 9",
        "DELETE FROM acceptor", "UPDATE configurations SET incarnation = 'x'", "DELETE FROM migrations",
    ])
    func aRowThatNobodyWroteDoesNotVote(change: String) throws {
        try fill(through: 30, applied: 5)
        _ = try shell(
            replicas.ledgerPath,
            "INSERT INTO configurations VALUES (0, 1, 1, '0000000000000abc', 1); INSERT INTO genesis VALUES (1, '0000000000000abc', 1); \(change)"
        )
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged, "\(change): \(error?.description ?? "opened")")
    }

    @Test(arguments: [
        ("UPDATE state SET key_count = -1", "state"), ("DELETE FROM state", "the row with id 1 of state is not there"),
        ("UPDATE state SET incarnation = 'x'", "state"),
    ])
    func aTableWithARowThatNobodyWroteIsMadeAgain(change: String, said: String) throws {
        try fill(through: 30, applied: 5)
        _ = try shell(replicas.tablePath(), change)
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        #expect(recorder.seen.notices.count == 1 && recorder.seen.notices[0].contains(said), "\(change): \(recorder.seen.notices)")
        #expect(replica.appliedUpTo == Slot(30))
        #expect(count(replica, recorder) == .integer(29))
    }

    /// What stood there was chosen, so that a peer has it, and voting needs only to know that it was.
    @Test func aGapBelowTheChosenSlotIsMadeGoodByAPeer() throws {
        try fill(through: 30, applied: 5)
        _ = try shell(replicas.ledgerPath, "DELETE FROM log_rows WHERE slot = 20")
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        #expect(replica.appliedUpTo == Slot(19))
        #expect(replica.state.chosenUpTo == Slot(30))
        #expect(replica.state.compactedUpTo == Slot(20))
        #expect(replica.state.entries.isEmpty)
        #expect(recorder.seen.notices.contains { $0.contains("slot 20") }, "\(recorder.seen.notices)")
    }

    @Test(arguments: [
        Replicas.owner(node: "dc2", id: 2), Replicas.owner(node: "dc2"), Replicas.owner(cluster: "other"),
    ])
    func anotherNodesDirectoryIsRefused(owner: ReplicaOwner) throws {
        try fill(through: 3, applied: 3)
        var foreign = replicas
        foreign.owner = owner
        let error = #expect(throws: StorageError.self) { _ = try foreign.open() }
        #expect(error?.kind == .foreign)
        #expect(
            error?.description.contains("belongs to node dc1 (n1), shard shard1, of cluster demo; this is node \(owner.nodeName)") == true)
    }

    @Test func anotherShardsDirectoryIsRefused() throws {
        try fill(through: 3, applied: 3)
        var foreign = replicas
        foreign.owner = Replicas.owner(shard: "shard2")
        try FileManager.default.moveItem(atPath: replicas.path, toPath: foreign.path)
        #expect(throws: StorageError.self) { _ = try foreign.open() }
    }

    @Test func aTableOfAnotherLifeIsNotUsed() throws {
        try fill(through: 3, applied: 3)
        let other = Replicas()
        try other.open(incarnation: 0xDEF).close()
        try FileManager.default.removeItem(atPath: replicas.tablePath())
        try FileManager.default.copyItem(atPath: other.tablePath(), toPath: replicas.tablePath())
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        #expect(recorder.seen.notices.contains { $0.contains("belongs to another life") }, "\(recorder.seen.notices)")
        #expect(count(replica, recorder) == .integer(2))
    }

    @Test func aNewerFileIsRefused() throws {
        try fill(through: 3, applied: 3)
        _ = try shell(replicas.ledgerPath, "PRAGMA user_version = 7; INSERT INTO migrations VALUES (7, 'V0007_x', '', '')")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .newerVersion)
        #expect(error?.description.contains("schema version 7, this decree knows versions up to 3") == true)
    }

    @Test func anEditedMigrationIsRefused() throws {
        try fill(through: 3, applied: 3)
        _ = try shell(replicas.tablePath(), "UPDATE migrations SET checksum = 'x'")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .newerVersion)
        #expect(error?.description.contains("V0001_table (x)") == true)
    }

    @Test func someOtherSQLiteFileIsLeftAlone() throws {
        try FileManager.default.createDirectory(atPath: replicas.path, withIntermediateDirectories: true)
        _ = try shell(replicas.ledgerPath, "CREATE TABLE recipes (name)")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .foreign)
        #expect(try shell(replicas.ledgerPath, "PRAGMA journal_mode; SELECT count(*) FROM sqlite_schema") == "delete\n1")
    }

    @Test func aSecondProcessIsRefusedByName() throws {
        let lock = try NodeLock(directory: replicas.directory.path)
        let error = #expect(throws: StorageError.self) { _ = try NodeLock(directory: replicas.directory.path) }
        #expect(error?.kind == .inUse)
        #expect(error?.description.contains("process \(ProcessInfo.processInfo.processIdentifier):") == true)
        withExtendedLifetime(lock) {}
    }

    @Test func aLockIsFreeWhenItsHolderIsGone() throws {
        do { _ = try NodeLock(directory: replicas.directory.path) }
        _ = try NodeLock(directory: replicas.directory.path)
    }
}
