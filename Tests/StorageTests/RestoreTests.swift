import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Testing

@Suite struct RestoreTests {
    let source = Replicas()

    /// A backup with keys 2 to 20, and one session, at slot 20.
    private func backup() throws -> String {
        let recorder = Recorder()
        let replica = try source.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, promise: ballot(3), entries: log(through: 20), chosenUpTo: Slot(20)))
        replica.table.apply(log(through: 20))
        replica.snapshots.offer(atLeast: Slot(20), isFresh: true)
        #expect(recorder.seen.offers.count == 1)
        replica.close()
        return source.path + "/snapshots/20.sqlite"
    }

    private func directory(_ replicas: Replicas) throws -> ReplicaDirectory {
        try ReplicaDirectory(nodeDirectory: replicas.directory.path, owner: replicas.owner)
    }

    @Test func aRestoredReplicaHasTheBackupsKeysAndNoVoteYet() throws {
        let file = try backup()
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let fresh = Replicas(owner: Replicas.owner(cluster: "new", node: "dc2", id: 2))
        let origin = try ReplicaRestore.restore(file, to: directory(fresh), random: { 0xFEE })
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        #expect(origin.slot == Slot(20) && origin.hash != 0)
        let recorder = Recorder()
        let replica = try fresh.open(recorder)
        #expect(replica.state.origin == origin && replica.state.membership.stage == .gathering)
        #expect(replica.state.identity.incarnation == Incarnation(rawValue: 0xFEE) && replica.state.promise == .zero)
        #expect(replica.appliedUpTo == Slot(20) && replica.state.chosenUpTo == Slot(20) && replica.state.compactedUpTo == Slot(20))
        #expect(replica.state.stampAtChosen == Stamp(rawValue: 1_700_000_000_020), "stamps go on from there")
        replica.table.read([.count])
        #expect(recorder.seen.answers.last == .integer(19))
        replica.close()
        #expect(recorder.seen.notices.isEmpty && recorder.seen.failures.isEmpty)
        #expect(try shell(fresh.tablePath(), "SELECT count(*) FROM sessions") == "0")
        let findings = LedgerVerification.findings(inReplica: fresh.path) + TableVerification.findings(inReplica: fresh.path)
        #expect(findings.map(\.severity) == [.sound, .sound], "\(findings)")
    }

    @Test func membersOfTheSameBackupHaveTheSameOrigin() throws {
        let file = try backup()
        let members = (1...2).map { Replicas(owner: Replicas.owner(node: "dc\($0)", id: UInt16($0))) }
        let origins = try members.map { member in
            try ReplicaRestore.restore(file, to: directory(member), random: { UInt64(member.owner.node.rawValue) })
        }
        #expect(Set(origins).count == 1)
    }

    @Test func nothingIsRestoredOverAnything() throws {
        let file = try backup()
        let error = #expect(throws: StorageError.self) { try ReplicaRestore.restore(file, to: directory(source), random: { 1 }) }
        #expect(error?.description.contains("is not empty") == true)
    }

    @Test func aSpoiledBackupIsRefused() throws {
        let file = try backup()
        _ = try shell(file, "UPDATE key_values SET value = 'x' WHERE id = 3")
        let fresh = Replicas()
        let error = #expect(throws: StorageError.self) { try ReplicaRestore.restore(file, to: directory(fresh), random: { 1 }) }
        #expect(error?.kind == .damaged)
        #expect(!FileManager.default.fileExists(atPath: fresh.ledgerPath))
    }

    @Test func anotherShardsBackupIsRefused() throws {
        let file = try backup()
        let other = Replicas(owner: Replicas.owner(shard: "shard2"))
        let error = #expect(throws: StorageError.self) { try ReplicaRestore.restore(file, to: directory(other), random: { 1 }) }
        #expect(error?.kind == .foreign)
    }

    @Test(
        arguments: [
            ("UPDATE key_values SET value = 'x' WHERE id = 3", "id 3"), ("UPDATE state SET key_count = 7", "has 19 keys"),
            ("UPDATE sessions SET last_stamp = 1", "session"), ("DELETE FROM key_values WHERE id = 3", "has 18 keys"),
        ])
    func eachDamageOfATableIsSaid(damage: String, line: String) throws {
        _ = try backup()
        #expect(TableVerification.findings(inReplica: source.path).map(\.severity) == [.sound])
        _ = try shell(source.tablePath(), damage)
        let found = TableVerification.findings(inReplica: source.path)
        #expect(found.first?.severity == .repairable)
        #expect(found.contains { $0.line.contains(line) }, "\(found)")
    }
}
