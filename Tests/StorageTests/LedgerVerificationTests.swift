import Foundation
import Paxos
import Replica
import Storage
import Testing

@Suite struct LedgerVerificationTests {
    let replicas = Replicas()

    private func findings(after damage: String) throws -> [Finding] {
        let replica = try replicas.open()
        replica.ledger.commit(LedgerWrite(number: 1, promise: ballot(3), entries: log(through: 30), chosenUpTo: Slot(20)))
        replica.close()
        if !damage.isEmpty { _ = try shell(replicas.ledgerPath, damage) }
        return LedgerVerification.findings(inReplica: replicas.path)
    }

    @Test func aSoundLedgerIsSound() throws {
        #expect(try findings(after: "").map(\.severity) == [.sound])
        #expect(!FileManager.default.fileExists(atPath: replicas.ledgerPath + "-wal"), "nothing is left behind")
    }

    @Test(
        arguments: [
            ("UPDATE log_rows SET stamp = 1 WHERE slot = 7", Finding.Severity.repairable, "slots are missing or not what was written: 7;"),
            ("DELETE FROM log_rows WHERE slot IN (7, 8, 20)", .repairable, "not what was written: 7, 8, 20;"),
            ("DELETE FROM log_rows WHERE slot <= 20", .repairable, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10 more;"),
            ("UPDATE log_rows SET stamp = 1 WHERE slot = 27", .damaged, "may have been accepted are not what was written: 27;"),
            ("UPDATE acceptor SET promise_round = 1", .damaged, "the acceptor row"), ("DELETE FROM acceptor", .damaged, "the acceptor row"),
            ("UPDATE identity SET boot = 7", .damaged, "the identity row"), ("DELETE FROM identity", .damaged, "has no identity"),
            ("INSERT INTO genesis VALUES (1, '01', 1)", .damaged, "the members' rows"),
            ("ALTER TABLE acceptor RENAME COLUMN chosen_up_to TO chosen_up_tn", .damaged, "can't be read"),
        ] as [(String, Finding.Severity, String)])
    func eachDamageIsSaid(damage: String, severity: Finding.Severity, line: String) throws {
        let found = try findings(after: damage)
        #expect(found.map(\.severity) == [severity], "\(found)")
        #expect(found.first?.line.contains(line) == true, "\(found)")
        #expect(found.allSatisfy { !$0.description.contains("\n") && $0.path == replicas.ledgerPath })
    }

    @Test func severalDamagesAreAllSaid() throws {
        let found = try findings(
            after: "UPDATE identity SET boot = 7; UPDATE log_rows SET stamp = 1 WHERE slot IN (7, 27)")
        #expect(found.map(\.severity) == [.damaged, .repairable, .damaged])
    }

    @Test func aMissingLedgerIsSaid() {
        #expect(LedgerVerification.findings(inReplica: replicas.path).map(\.severity) == [.damaged])
    }

    @Test func aDamagedWriteAheadLogIsSaid() throws {
        let replica = try replicas.open()
        for number: UInt64 in 1...5 { replica.ledger.commit(LedgerWrite(number: number, promise: ballot(number))) }
        let crashed = try replicas.crashed()
        let log = URL(fileURLWithPath: crashed.ledgerPath + "-wal")
        var bytes = try Data(contentsOf: log)
        bytes[32 + 4120 + 2000] ^= 1
        try bytes.write(to: log)
        let found = LedgerVerification.findings(inReplica: crashed.path)
        #expect(found.first?.severity == .damaged)
        #expect(found.first?.line.contains("damaged at frame 2: synced commits stand behind it") == true)
    }
}
