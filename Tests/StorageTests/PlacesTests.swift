import Paxos
import Replica
import Storage
import Testing

/// Rows lie in places that are used again.
@Suite struct PlacesTests {
    let replicas = Replicas(limits: PlacesTests.limits())
    let recorder = Recorder()

    private static func limits() -> StorageLimits {
        var limits = StorageLimits()
        limits.logSegmentSlots = 4
        limits.compactionStepSlots = 1...8
        return limits
    }

    private func filled(through last: UInt64, chosen: UInt64? = nil) throws -> OpenReplica {
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: last), chosenUpTo: Slot(chosen ?? last)))
        replica.table.apply(log(through: chosen ?? last))
        return replica
    }

    /// Slots 1 to 21, of which 1 to 13 are given up: 20 and 21 lie where 1 lay, before 2 and 3, and 4 to 11 in free positions.
    private func reused(chosen: UInt64 = 17) throws -> OpenReplica {
        let replica = try filled(through: 17)
        replica.ledger.compact(upTo: Slot(13), durableUpTo: Slot(17))
        let entries = (18...21).map { set($0, "a", "b") }
        replica.ledger.commit(LedgerWrite(number: 2, entries: entries, chosenUpTo: Slot(chosen)))
        return replica
    }

    private func sql(_ statement: String) throws -> String { try shell(replicas.ledgerPath, statement) }

    private func read(_ replica: OpenReplica, _ from: UInt64, _ through: UInt64) -> [UInt64]? {
        replica.ledger.read(LedgerRead(token: 1, from: Slot(from), through: Slot(through), byteLimit: .max))
        return recorder.seen.entries.last?.map(\.slot.rawValue)
    }

    private func expectRefusal(_ reason: String) throws {
        let before = try sql("SELECT boot FROM identity")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("decree replace --endpoint") == true)
        if !reason.contains("slot ") { #expect(try sql("SELECT boot FROM identity") == before, "left as it was found") }
    }

    @Test func aNewSegmentTakesTheLowestPositionThatIsFree() throws {
        let replica = try filled(through: 17)
        #expect(try sql("SELECT number, position FROM log_segments") == "0|0\n1|1\n2|2\n3|3\n4|4")
        replica.ledger.compact(upTo: Slot(12), durableUpTo: Slot(17))
        replica.ledger.commit(LedgerWrite(number: 2, entries: (18...25).map { set($0, "a", "b") }))
        #expect(try sql("SELECT number, position FROM log_segments") == "3|3\n4|4\n5|0\n6|1")
        #expect(
            try sql("SELECT slot FROM log_rows ORDER BY place") == (20...25).map(String.init).joined(separator: "\n")
                + "\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19")
        #expect(try sql("SELECT slot FROM log") == (13...25).map(String.init).joined(separator: "\n"))
        replica.close()
        #expect(try replicas.open().state.entries.map(\.slot.rawValue) == Array(18...25))
    }

    @Test func whatWasLyingIsWrittenOverByTheNextLifeToo() throws {
        var number: UInt64 = 1
        var last: UInt64 = 17
        try filled(through: last).close()
        for _ in 1...20 {
            let replica = try replicas.open(recorder)
            replica.table.apply(replica.state.entries)
            replica.ledger.compact(upTo: Slot(last - 9), durableUpTo: Slot(last))
            number += 1
            let entries = (last + 1...last + 7).map { set($0, "a", "b") }
            last += 7
            replica.ledger.commit(LedgerWrite(number: number, entries: entries, chosenUpTo: Slot(last)))
            replica.table.apply(entries)
            replica.close()
        }
        #expect(try sql("SELECT max(place) < 32 FROM log_rows") == "1")
        #expect(try sql("SELECT max(slot) FROM log") == "\(last)")
    }

    @Test func readsGoAcrossSegmentsAndStopAtWhatIsOnlyLeftOver() throws {
        let replica = try reused()
        #expect(try sql("SELECT place, slot FROM log_rows WHERE place < 4") == "0|20\n1|21\n2|2\n3|3")
        #expect(read(replica, 14, 21) == Array(14...21))
        #expect(read(replica, 15, 30) == Array(15...21), "slots 22 and 23 have no rows")
        #expect(read(replica, 20, 21) == [20, 21])
        #expect(read(replica, 22, 23) == [])
        #expect(read(replica, 13, 21) == [], "given up")
        #expect(recorder.seen.compactedUpTo.last == Slot(13))
        #expect(recorder.seen.failures.isEmpty)
        #expect(try sql("SELECT first_slot, last_slot FROM replica") == "14|21")
    }

    @Test func segmentsWithoutRowsAreGaps() throws {
        let replica = try filled(through: 5)
        replica.ledger.commit(LedgerWrite(number: 2, entries: [13, 7, 30].map { set($0, "a", "b") }))
        #expect(try sql("SELECT number, position FROM log_segments") == "0|0\n1|1\n3|2\n7|3")
        #expect(read(replica, 3, 30) == [3, 4, 5])
        #expect(read(replica, 7, 30) == [7])
        #expect(read(replica, 9, 30) == [])
        replica.close()
        #expect(try replicas.open().state.entries.map(\.slot.rawValue) == [7, 13, 30])
        #expect(try sql("SELECT slot FROM log WHERE slot > 4 ORDER BY slot") == "5\n7\n13\n30")
    }

    @Test func aWriteOfWhatIsGivenUpChangesNothing() throws {
        let replica = try reused()
        let before = try sql("SELECT place, slot, checksum FROM log_rows; SELECT * FROM log_segments")
        replica.ledger.commit(LedgerWrite(number: 3, entries: [set(4, "a", "late"), set(13, "a", "late")]))
        #expect(recorder.seen.receipts == [1, 2, 3])
        #expect(try sql("SELECT place, slot, checksum FROM log_rows; SELECT * FROM log_segments") == before)
    }

    /// As a disk may change it: an accepted row looks like one that is left over, or lies where it would be one.
    @Test(arguments: [
        ("UPDATE log_rows SET slot = 1 WHERE slot = 21", "slot 21"), ("UPDATE log_rows SET slot = 5 WHERE slot = 21", "slot 21"),
        ("UPDATE log_rows SET slot = 22 WHERE slot = 2", "slot 22"), ("UPDATE log_rows SET stamp = 0 WHERE slot = 3", "slot 23"),
        ("DELETE FROM log_rows WHERE slot = 2; UPDATE log_rows SET place = 2 WHERE slot = 21", "slot 21"),
        ("DELETE FROM log_rows WHERE slot IN (2, 3, 4, 5); UPDATE log_rows SET place = 5 WHERE slot = 21", "slot 21"),
    ])
    func anAcceptedRowIsNeverTakenForOneThatIsLeftOver(damage: String, reason: String) throws {
        try reused().close()
        _ = try sql(damage)
        try expectRefusal(reason)
    }

    @Test(arguments: [
        "UPDATE log_segments SET position = 9 WHERE number = 5", "UPDATE log_segments SET number = 1 WHERE number = 5",
        "DELETE FROM log_segments WHERE number = 5", "DELETE FROM log_segments", "INSERT INTO log_segments VALUES (6, 9)",
        "UPDATE log_segments SET position = 3 WHERE number = 5", "UPDATE log_segments SET position = -1 WHERE number = 5",
        "UPDATE log_places SET segment_slots = 5", "UPDATE log_places SET segment_slots = 0", "UPDATE log_places SET checksum = 0",
        "DELETE FROM log_places",
    ])
    func whereTheRowsLieIsVouchedFor(damage: String) throws {
        try reused().close()
        #expect(LedgerVerification.findings(inReplica: replicas.path).map(\.severity) == [.sound])
        _ = try sql(damage)
        let findings = LedgerVerification.findings(inReplica: replicas.path)
        #expect(findings.map(\.severity) == [.damaged])
        #expect(findings.first?.line.contains("where the log's rows lie") == true)
        try expectRefusal("what says where the log's rows lie is not what this program wrote")
    }

    @Test func rowsInWrongPlacesAreSaid() throws {
        try reused().close()
        _ = try sql("DELETE FROM log_rows WHERE slot = 2; UPDATE log_rows SET place = 2 WHERE slot = 21")
        let findings = LedgerVerification.findings(inReplica: replicas.path)
        #expect(findings.map(\.severity) == [.damaged])
        #expect(findings.first?.line.contains("may have been accepted are not what was written: 22") == true, "\(findings)")
    }

    /// A chosen row that was changed is given up like any other, with what lies before it.
    @Test func aChosenRowThatIsNotInItsPlaceIsGivenUp() throws {
        let replica = try reused()
        replica.ledger.compact(upTo: .none, durableUpTo: Slot(17))
        _ = try sql("UPDATE log_rows SET slot = 11 WHERE slot = 15")
        #expect(read(replica, 14, 21) == [])
        #expect(recorder.seen.compactedUpTo.last == Slot(15))
        #expect(recorder.seen.notices.count == 1)
        #expect(read(replica, 16, 21) == Array(16...21))
    }

    /// A follower that was away for long: the log grows, and is short again.
    @Test func afterALongTailTheFileIsShortAgain() throws {
        let value = String(repeating: "x", count: 60_000)
        let replica = try replicas.open(recorder)
        let entries = [opening] + (2...300).map { set($0, "a", value) }
        replica.ledger.commit(LedgerWrite(number: 1, entries: entries, chosenUpTo: Slot(300)))
        let before = try #require(Int(try sql("PRAGMA page_count")))
        replica.ledger.compact(upTo: Slot(290), durableUpTo: Slot(300))
        for _ in 1...120 { replicas.executor.runDelayed() }
        let lying = try sql("SELECT count(DISTINCT place / 4) FROM log_rows WHERE place / 4 NOT IN (SELECT position FROM log_segments)")
        #expect(lying == "8", "some stay for the next segments")
        #expect(before > 4400)
        #expect(try #require(Int(try sql("PRAGMA page_count"))) < 1800, "1,024 free pages may stay as well")
        #expect(read(replica, 291, 300) == Array(291...300))
    }

    @Test func aFileKeepsItsSizeOfSegments() throws {
        try filled(through: 9).close()
        var other = replicas
        other.limits.logSegmentSlots = 1024
        let replica = try other.open()
        #expect(replica.state.entries.isEmpty && replica.appliedUpTo == Slot(9))
        replica.ledger.commit(LedgerWrite(number: 2, entries: [set(12, "a", "b")]))
        #expect(try sql("SELECT * FROM log_segments") == "0|0\n1|1\n2|2\n3|3")
    }

    @Test func aLedgerWithoutPlacesGetsThem() throws {
        let entries = log(through: 2100)
        let first = try replicas.open(recorder)
        first.ledger.commit(LedgerWrite(number: 1, promise: ballot(3), entries: entries, chosenUpTo: Slot(2090)))
        first.table.apply(Array(entries.prefix(2090)))
        first.ledger.compact(upTo: Slot(100), durableUpTo: Slot(2090))
        first.ledger.commit(LedgerWrite(number: 2, entries: [set(5000, "a", "b")]))
        first.close()
        let rows = "SELECT * FROM log ORDER BY slot"
        let before = try sql(rows)
        try replicas.beforePlaces()
        #expect(try sql(rows) == before)
        let second = try replicas.open(recorder)
        #expect(try sql(rows) == before)
        #expect(try sql("SELECT segment_slots FROM log_places; SELECT * FROM log_segments") == "1024\n0|0\n1|1\n2|2\n4|3")
        #expect(try sql("SELECT slot FROM log_rows WHERE place = 3 * 1024 + 5000 % 1024") == "5000")
        #expect(second.state.entries.map(\.slot.rawValue) == Array(2091...2100) + [5000])
        #expect(read(second, 101, 2100)?.count == 2000)
        second.close()
        #expect(LedgerVerification.findings(inReplica: replicas.path).map(\.severity) == [.sound])
        #expect(try sql("PRAGMA integrity_check; PRAGMA user_version") == "ok\n3")
    }

    /// A changed promise is not one for having been brought up to date.
    @Test func anOlderLedgerThatIsDamagedStaysSo() throws {
        try filled(through: 9).close()
        try replicas.beforePlaces()
        _ = try sql("UPDATE acceptor SET promise_round = promise_round + 1")
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.description.contains("the acceptor row is not what this program wrote") == true)
    }
}
