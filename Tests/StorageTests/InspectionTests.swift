import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Testing

@Suite struct InspectionTests {
    let replicas = Replicas()

    private func fill() throws -> OpenReplica {
        let replica = try replicas.open()
        let members = [Configuration.Member(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 0xABC))]
        replica.ledger.commit(
            LedgerWrite(
                number: 1, promise: ballot(3, 2), entries: log(through: 20), chosenUpTo: Slot(18),
                membership: Membership(stage: .born, genesis: members),
                configurations: [ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members))]))
        replica.table.apply(log(through: 18))
        replicas.executor.runDelayed()
        return replica
    }

    private func check(_ replicas: Replicas) throws {
        let found = try ReplicaInspection(directory: replicas.path, entriesMax: 3)
        #expect(found.owner == replicas.owner)
        #expect(found.identity == Party(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 0xABC), boot: Boot(rawValue: 1)))
        #expect(found.promise == ballot(3, 2))
        #expect(found.stage == .born)
        #expect(found.genesis.map(\.node) == [NodeID(rawValue: 1)])
        #expect(found.configurations.map(\.configuration.number) == [1])
        #expect([found.firstSlot, found.lastSlot, found.chosenUpTo, found.compactedUpTo] == [Slot(1), Slot(20), Slot(18), .none])
        #expect(found.lastEntries.map(\.entry) == log(through: 20).suffix(3).map(\.entry))
        let table = try #require(found.table)
        #expect(table.appliedUpTo == Slot(18))
        #expect(table.keyCount == 17)
        #expect(table.sessions.map(\.id) == [session])
    }

    /// Names and contents of the replica's files, as a child process sees them; not the locks' file, which is memory between processes.
    private func contents(_ replicas: Replicas) throws -> String {
        try run("/bin/sh", ["-c", "cd \(replicas.path) && ls && sha256sum *.sqlite *.sqlite-wal 2>/dev/null"])
    }

    @Test func aRunningNodesFilesAreReadAndLeft() throws {
        let replica = try fill()
        let before = try contents(replicas)
        try check(replicas)
        #expect(try contents(replicas) == before)
        replica.close()
    }

    @Test func aStoppedNodesFilesAreReadAndLeft() throws {
        try fill().close()
        let before = try contents(replicas)
        #expect(before.hasPrefix("ledger.sqlite\nsnapshots\ntable-000001.sqlite\n"))
        try check(replicas)
        #expect(try contents(replicas) == before)
    }

    @Test func aKilledNodesFilesAreReadAndLeft() throws {
        let replica = try fill()
        let crashed = try replicas.crashed()
        let before = try contents(crashed)
        #expect(before.contains("ledger.sqlite-wal"))
        try check(crashed)
        #expect(try contents(crashed) == before)
        #expect(try crashed.open().appliedUpTo == Slot(18))
        replica.close()
    }

    @Test func aReplicaThatIsNotThereIsNotMade() throws {
        #expect(throws: StorageError.self) { _ = try ReplicaInspection(directory: replicas.path) }
        #expect(!FileManager.default.fileExists(atPath: replicas.path))
    }

    @Test func aPromiseThatADiskHasChangedIsNotTakenForAMissingReplica() throws {
        try fill().close()
        _ = try shell(replicas.ledgerPath, "UPDATE acceptor SET promise_round = 1")
        let error = #expect(throws: StorageError.self) { _ = try ReplicaInspection(directory: replicas.path) }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("the acceptor row is not what this program wrote") == true, "\(String(describing: error))")
    }

    @Test func aDamagedRowIsShownAsSuch() throws {
        try fill().close()
        _ = try shell(replicas.ledgerPath, "UPDATE log_rows SET stamp = 0 WHERE slot = 19")
        let found = try ReplicaInspection(directory: replicas.path, entriesMax: 3)
        #expect(found.lastEntries.map { $0.entry == nil } == [false, true, false])
    }
}
