import Paxos
import Replica
import Storage
import Testing

/// Rows that the table holds durably are given up along with the commits that come anyway.
@Suite struct CompactionTests {
    let replicas = Replicas(limits: CompactionTests.limits())
    let recorder = Recorder()

    private static func limits(segment: Int = 1024, bytes: Int = 1 << 30) -> StorageLimits {
        var limits = StorageLimits()
        limits.compactionStepSlots = 4...8
        limits.logSegmentSlots = segment
        limits.logBytesMax = bytes
        return limits
    }

    private func filled(_ replicas: Replicas, through last: UInt64) throws -> OpenReplica {
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: last), chosenUpTo: Slot(last)))
        replica.table.apply(log(through: last))
        return replica
    }

    private func rows(_ replicas: Replicas) throws -> String {
        try shell(replicas.ledgerPath, "SELECT min(slot), max(slot), count(*) FROM log; SELECT compacted_up_to FROM acceptor")
    }

    @Test func rowsGoWithTheCommitThatFollows() throws {
        let replica = try filled(replicas, through: 40)
        replica.ledger.compact(upTo: Slot(21), durableUpTo: Slot(40))
        #expect(try rows(replicas) == "1|40|40\n0", "nothing is written for it alone")
        let before = try #require(replica.ledger.commitCount)
        replica.ledger.commit(LedgerWrite(number: 2, entries: [set(41, "a", "b")]))
        #expect(try rows(replicas) == "22|41|20\n21")
        replica.ledger.compact(upTo: Slot(24), durableUpTo: Slot(40))
        replica.ledger.commit(LedgerWrite(number: 3, entries: [set(42, "a", "b")]))
        #expect(try rows(replicas) == "22|42|21\n21", "so few wait for more")
        #expect(replica.ledger.commitCount == before + 2)
        #expect(try shell(replicas.ledgerPath, "SELECT count(*) FROM log_rows") == "42", "they stay lying")
    }

    @Test func anIdleLedgerGivesUpTheLastOfThemByItself() throws {
        let replica = try filled(replicas, through: 40)
        replicas.executor.runDelayed()
        replica.ledger.compact(upTo: Slot(11), durableUpTo: Slot(40))
        replicas.executor.runDelayed()
        #expect(try rows(replicas) == "12|40|29\n11")
        replicas.executor.runDelayed()
        let before = replica.ledger.commitCount
        replicas.executor.runDelayed()
        #expect(replica.ledger.commitCount == before, "nothing is left to do")
    }

    @Test func onlyWhatIsDurableAndChosenGoes() throws {
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 40), chosenUpTo: Slot(30)))
        replica.ledger.compact(upTo: Slot(20), durableUpTo: Slot(10))
        for _ in 1...9 { replicas.executor.runDelayed() }
        #expect(try rows(replicas) == "11|40|30\n10")
        replica.ledger.compact(upTo: Slot(40), durableUpTo: Slot(40))
        for _ in 1...9 { replicas.executor.runDelayed() }
        #expect(try rows(replicas) == "31|40|10\n30")
    }

    @Test func aLogThatIsTooLargeGivesUpWhatASlowFollowerMayLack() throws {
        let replicas = Replicas(limits: Self.limits(bytes: 200_000))
        let replica = try replicas.open(recorder)
        let value = String(repeating: "x", count: 10_000)
        replica.ledger.commit(
            LedgerWrite(number: 1, entries: [opening] + (2...40).map { set($0, "a", value) }, chosenUpTo: Slot(35)))
        replica.ledger.compact(upTo: Slot(2), durableUpTo: Slot(30))
        for _ in 1...20 { replicas.executor.runDelayed() }
        let used = try #require(
            Int(
                try shell(
                    replicas.ledgerPath, "SELECT (p.page_count - f.freelist_count) * 4096 FROM pragma_page_count p, pragma_freelist_count f"
                )))
        #expect(used <= 200_000 && used > 100_000)
        #expect(try shell(replicas.ledgerPath, "SELECT compacted_up_to BETWEEN 20 AND 30 FROM acceptor") == "1")
    }

    @Test func aPeerLearnsThatItsRowsAreGone() throws {
        let replica = try filled(replicas, through: 40)
        replica.ledger.compact(upTo: Slot(8), durableUpTo: Slot(40))
        replicas.executor.runDelayed()
        replicas.executor.runDelayed()
        for from: UInt64 in [8, 9] {
            replica.ledger.read(LedgerRead(token: 1, from: Slot(from), through: Slot(12), byteLimit: .max))
        }
        #expect(recorder.seen.entries == [[], Array(log(through: 12)[8...])])
        #expect(recorder.seen.compactedUpTo == [Slot(8), Slot(8)])
    }

    @Test func theNextLifeKnowsWhereTheLogBeginsAndWhatStoodThere() throws {
        let first = try filled(replicas, through: 20)
        first.ledger.compact(upTo: Slot(20), durableUpTo: Slot(20))
        for _ in 1...5 { replicas.executor.runDelayed() }
        first.close()
        let second = try replicas.open()
        #expect(try rows(replicas) == "||0\n20")
        #expect(second.state.compactedUpTo == Slot(20))
        #expect(second.state.stampAtChosen == log(through: 20)[19].entry.stamp, "a leader's stamps never go back")
        #expect(second.appliedUpTo == Slot(20))
    }

    /// A hundred times what is kept, through the same pages.
    @Test func theFileDoesNotInflate() throws {
        let replicas = Replicas(limits: Self.limits(segment: 16))
        let replica = try replicas.open(recorder)
        let value = String(repeating: "x", count: 500)
        var next: UInt64 = 2
        var pages: [Int] = []
        replica.ledger.commit(LedgerWrite(number: 1, entries: [opening], chosenUpTo: Slot(1)))
        for number: UInt64 in 2...400 {
            let entries = (next..<next + 20).map { set($0, "key\($0 % 50)", value) }
            next += 20
            replica.ledger.commit(LedgerWrite(number: number, entries: entries, chosenUpTo: Slot(next - 1)))
            let last = Slot(next - 1)
            replica.ledger.compact(upTo: Slot(max(100, last.rawValue) - 80), durableUpTo: last)
            if number.isMultiple(of: 100) { pages.append(Int(try shell(replicas.ledgerPath, "PRAGMA page_count")) ?? 0) }
        }
        #expect(pages.allSatisfy { $0 < 60 }, "\(pages)")
        #expect(try shell(replicas.ledgerPath, "SELECT max(place) < 160 FROM log_rows; PRAGMA freelist_count") == "1\n0")
    }

    @Test func muchFreeSpaceIsGivenBackInSteps() throws {
        let replicas = Replicas(limits: Self.limits(segment: 4))
        let replica = try replicas.open(recorder)
        let value = String(repeating: "x", count: 100_000)
        replica.ledger.commit(
            LedgerWrite(number: 1, entries: [opening] + (2...100).map { set($0, "a", value) }, chosenUpTo: Slot(100)))
        let before = try #require(Int(try shell(replicas.ledgerPath, "PRAGMA page_count")))
        replica.ledger.compact(upTo: Slot(99), durableUpTo: Slot(100))
        for _ in 1...90 { replicas.executor.runDelayed() }
        let after = try #require(Int(try shell(replicas.ledgerPath, "PRAGMA page_count")))
        #expect(before > 2400)
        #expect(after < 1900, "1,024 pages may stay for use, and what lies in eight positions")
    }
}
