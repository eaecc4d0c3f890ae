import Foundation
import Paxos
import Replica
import Storage
import Testing

/// What a disk has changed in a ledger: told apart by what the replica may have said on the strength of it.
@Suite struct LedgerDamageTests {
    let replicas = Replicas()
    let recorder = Recorder()

    /// A replica with ten rows, of which eight are chosen and applied.
    private func filled() throws -> OpenReplica {
        let replica = try replicas.open(recorder)
        let members = [1, 2, 3].map {
            Configuration.Member(node: NodeID(rawValue: $0), incarnation: Incarnation(rawValue: 100 + UInt64($0)), isVoter: true)
        }
        let genesis = ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members))
        replica.ledger.commit(
            LedgerWrite(
                number: 1, promise: ballot(3, 2), entries: log(through: 10), chosenUpTo: Slot(8),
                membership: Membership(stage: .born, genesis: members), configurations: [genesis]))
        replica.table.apply(log(through: 8))
        return replica
    }

    private func read(_ replica: OpenReplica, _ from: UInt64, _ through: UInt64) -> [UInt64]? {
        replica.ledger.read(LedgerRead(token: 1, from: Slot(from), through: Slot(through), byteLimit: .max))
        return recorder.seen.entries.last?.map(\.slot.rawValue)
    }

    @Test(arguments: ["UPDATE log_rows SET payload = x'00' WHERE slot = 4", "DELETE FROM log_rows WHERE slot = 4"])
    func aChosenRowThatTheTableHoldsIsGivenUp(damage: String) throws {
        let replica = try filled()
        replica.ledger.compact(upTo: .none, durableUpTo: Slot(8))
        _ = try shell(replicas.ledgerPath, damage)
        #expect(read(replica, 2, 8) == [])
        #expect(recorder.seen.compactedUpTo.last == Slot(4), "the peer asks for a snapshot, or behind it")
        #expect(recorder.seen.notices.count == 1)
        #expect(recorder.seen.notices.first?.contains("slot 4") == true)
        #expect(read(replica, 5, 10) == [5, 6, 7, 8, 9, 10])
        #expect(recorder.seen.failures.isEmpty)
        #expect(try shell(replicas.ledgerPath, "SELECT compacted_up_to FROM acceptor") == "4")
    }

    @Test func aChosenRowThatOnlyTheLogHoldsStaysUntilTheTableIsDurable() throws {
        let replica = try filled()
        _ = try shell(replicas.ledgerPath, "UPDATE log_rows SET payload = x'00' WHERE slot = 4")
        #expect(read(replica, 2, 8) == [2, 3])
        #expect(read(replica, 4, 8) == [])
        #expect(recorder.seen.compactedUpTo == [.none, .none])
        replica.ledger.compact(upTo: .none, durableUpTo: Slot(8))
        #expect(read(replica, 4, 8) == [])
        #expect(recorder.seen.compactedUpTo.last == Slot(4))
        #expect(recorder.seen.notices.count == 1, "said once")
        #expect(recorder.seen.failures.isEmpty)
    }

    @Test func aRowThatMayHaveBeenAcceptedEndsTheVote() throws {
        let replica = try filled()
        _ = try shell(replicas.ledgerPath, "UPDATE log_rows SET payload = x'00' WHERE slot = 9")
        #expect(read(replica, 7, 10) == nil)
        #expect(recorder.seen.failures.map(\.kind) == [.damaged])
        replica.close()
        try expectRefusal("slot 9")
    }

    @Test(arguments: [
        "UPDATE acceptor SET promise_round = 2", "UPDATE acceptor SET promise_node = 1", "UPDATE acceptor SET chosen_up_to = 9",
        "UPDATE acceptor SET compacted_up_to = 1", "UPDATE acceptor SET compacted_stamp = 1", "UPDATE acceptor SET stage = 1",
        "UPDATE acceptor SET table_generation = 2", "UPDATE acceptor SET checksum = 0", "UPDATE acceptor SET members_checksum = 0",
    ])
    func aChangedPromiseIsNoPromise(damage: String) throws {
        try filled().close()
        _ = try shell(replicas.ledgerPath, damage)
        try expectRefusal("the acceptor row is not what this program wrote")
    }

    @Test(arguments: [
        "UPDATE identity SET incarnation = '0000000000000abd'", "UPDATE identity SET boot = 9", "UPDATE identity SET origin_slot = 1",
        "UPDATE identity SET origin_hash = 1", "UPDATE identity SET cluster = 'damo'", "UPDATE identity SET shard_id = 8",
    ])
    func aChangedIdentityIsNobodys(damage: String) throws {
        try filled().close()
        _ = try shell(replicas.ledgerPath, damage)
        try expectRefusal("the identity row is not what this program wrote")
    }

    @Test(arguments: [
        "UPDATE genesis SET is_voter = 0 WHERE node_id = 2", "DELETE FROM genesis WHERE node_id = 3",
        "UPDATE configurations SET incarnation = '0000000000000001' WHERE node_id = 1", "UPDATE configurations SET slot = 1",
        "DELETE FROM configurations",
    ])
    func changedMembersAreNoGroup(damage: String) throws {
        try filled().close()
        _ = try shell(replicas.ledgerPath, damage)
        try expectRefusal("the members' rows are not what this program wrote")
    }

    private func expectRefusal(_ reason: String) throws {
        let before = try shell(replicas.ledgerPath, "SELECT boot FROM identity")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("move \(replicas.path) away") == true, "it says what to do")
        #expect(error?.description.contains("decree replace --endpoint") == true)
        if !reason.hasPrefix("slot") {
            #expect(try shell(replicas.ledgerPath, "SELECT boot FROM identity") == before, "left as it was found")
        }
    }

    /// A ledger from before there were checksums gets them when it is opened.
    @Test func anOlderLedgerIsBroughtUpToDate() throws {
        try filled().close()
        let sums = "SELECT checksum, members_checksum FROM acceptor"
        let before = try shell(replicas.ledgerPath, sums)
        try replicas.beforePlaces()
        _ = try shell(
            replicas.ledgerPath,
            """
            ALTER TABLE identity DROP COLUMN origin_slot; ALTER TABLE identity DROP COLUMN origin_hash;
            ALTER TABLE identity DROP COLUMN checksum; ALTER TABLE acceptor DROP COLUMN compacted_stamp;
            ALTER TABLE acceptor DROP COLUMN members_checksum; ALTER TABLE acceptor DROP COLUMN checksum;
            DELETE FROM migrations WHERE number = 2; PRAGMA user_version = 1;
            """)
        try replicas.open(recorder).close()
        #expect(try shell(replicas.ledgerPath, sums) == before)
        #expect(try shell(replicas.ledgerPath, "SELECT boot FROM identity") == "2")
        try replicas.open(recorder).close()
    }

    @Test func aDeletedLogIsSavedBeforeTheProcessEnds() throws {
        let replica = try filled()
        try FileManager.default.removeItem(atPath: replicas.ledgerPath + "-wal")
        replica.ledger.commit(LedgerWrite(number: 2, entries: [set(11, "a", "b")]))
        #expect(recorder.seen.receipts == [1, 2])
        for _ in 1...4 { replicas.executor.runDelayed() }
        #expect(recorder.seen.failures.map(\.kind) == [.inputOutput])
        #expect(recorder.seen.failures.first?.description.contains("all of it has been saved; start again") == true)
        let crashed = try replicas.crashed()
        #expect(try crashed.open().state.entries.map(\.slot.rawValue) == [9, 10, 11])
    }

    @Test func aDeletedLedgerEndsTheProcess() throws {
        let replica = try filled()
        try FileManager.default.moveItem(atPath: replicas.ledgerPath, toPath: replicas.ledgerPath + ".away")
        for _ in 1...4 { replicas.executor.runDelayed() }
        #expect(recorder.seen.failures.map(\.kind) == [.inputOutput])
        replica.close()
    }
}
