import Foundation
import KeyValue
import Paxos
import Replica
import SQLite
import Storage
import Testing

@Suite struct TableTests {
    let replicas = Replicas()

    private func answer(_ query: Query, _ replica: OpenReplica, _ recorder: Recorder) -> Outcome? {
        replica.table.read([query])
        return recorder.seen.answers.last
    }

    @Test func readsSeeWhatIsAppliedAndNotYetCommitted() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        replica.table.apply(log(through: 3))
        #expect(recorder.seen.appliedUpTo == [Slot(3)])
        #expect(recorder.seen.outcomes.map(\.sequence) == [1, 2, 3])
        #expect(answer(.get(key: bytes("key3")), replica, recorder) == .value(bytes("value3")))
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "0")
    }

    @Test func whatIsAppliedIsCommittedAfterTheInterval() throws {
        let replica = try replicas.open()
        replica.table.apply(log(through: 3))
        replicas.executor.runDelayed()
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to, key_count, largest_id FROM state") == "3|2|2")
        replica.table.apply([set(4, "key4", "value")])
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "3")
        replicas.executor.runDelayed()
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "4")
    }

    @Test func aLargeStepIsWrittenAtOnce() throws {
        var replicas = replicas
        replicas.limits.unwrittenEntriesMax = 100
        let replica = try replicas.open()
        replica.table.apply(log(through: 250))
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "200")
    }

    @Test func muchIsWrittenOnlyAfterAWhile() throws {
        let replica = try replicas.open()
        replica.table.apply(log(through: 1000))
        for slot in UInt64(1001)..<1050 {
            replica.table.apply([set(slot, "key\(slot)", "value")])
            replicas.executor.runDelayed()
        }
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "0")
        replicas.executor.runDelayed()
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "1049")
    }

    @Test func allIsWrittenOnceNothingMoreComes() throws {
        let replica = try replicas.open()
        replica.table.apply(log(through: 1000))
        replicas.executor.runDelayed()
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "1000")
    }

    /// After two seconds: not while an election needs the processors and the disk.
    @Test func whatAStartHasAppliedIsWrittenThoughNothingMoreComes() throws {
        let first = try replicas.open()
        first.ledger.commit(LedgerWrite(number: 1, entries: log(through: 30), chosenUpTo: Slot(30)))
        let copy = try replicas.crashed()
        let replica = try copy.open()
        #expect(replica.appliedUpTo == Slot(30))
        for _ in 1..<20 { copy.executor.runDelayed() }
        #expect(try shell(copy.tablePath(), "SELECT applied_up_to FROM state") == "0")
        copy.executor.runDelayed()
        #expect(try shell(copy.tablePath(), "SELECT applied_up_to FROM state") == "30")
    }

    /// The third node of a group writes its first batch once a third of the usual has come, but not for what a start applies again.
    @Test(arguments: [16_384, 1])
    func whatAStartHasAppliedIsNotWrittenForAShareOfIt(replayEntriesMax: Int) throws {
        var replicas = Replicas(owner: Replicas.owner(node: "dc3", id: 3))
        replicas.limits.unwrittenEntriesMax = 54
        replicas.limits.replayEntriesMax = replayEntriesMax
        let first = try replicas.open()
        first.ledger.commit(LedgerWrite(number: 1, entries: log(through: 18), chosenUpTo: Slot(18)))
        let copy = try replicas.crashed()
        let replica = try copy.open()
        for _ in 1..<20 { copy.executor.runDelayed() }
        #expect(try shell(copy.tablePath(), "SELECT applied_up_to FROM state") == "0")
        copy.executor.runDelayed()
        #expect(try shell(copy.tablePath(), "SELECT applied_up_to FROM state") == "18")
        replica.close()
    }

    @Test func aLargeTableIsWrittenInSmallerBatches() throws {
        var replicas = replicas
        replicas.limits.unwrittenEntriesMax = 20
        let replica = try replicas.open()
        replica.table.apply(log(through: 140))
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "140")
        for slot in 141...144 as ClosedRange<UInt64> { replica.table.apply([set(slot, "key\(slot)", "value")]) }
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "140")
        replica.table.apply([set(145, "key145", "value")])
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "145")
    }

    /// A shell holds the file's lock: what is applied stands in memory, up to the bound, and then waits.
    @Test func whatMemoryHasNoRoomForWaitsForTheFile() throws {
        var replicas = replicas
        replicas.limits.unwrittenEntriesMax = 10
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        let shell = try Connection(path: replicas.tablePath(), access: .readWrite, busyTimeout: 0)
        try shell.execute("BEGIN IMMEDIATE")
        replica.table.apply(log(through: 25))
        #expect(recorder.seen.appliedUpTo.last == Slot(20))
        #expect(answer(.get(key: bytes("key20")), replica, recorder) == nil)
        #expect(recorder.seen.stalls.map(\.path) == [replicas.tablePath()])
        try shell.execute("ROLLBACK")
        replicas.executor.runDelayed()
        #expect(recorder.seen.appliedUpTo.last == Slot(25))
        #expect(recorder.seen.answers == [.value(bytes("value20"))])
        #expect(recorder.seen.outcomes.map(\.sequence) == Array(1...25))
    }

    /// Each appends a byte, and holds a whole value in memory.
    @Test func longValuesThatShortEntriesChangeAreBoundedToo() throws {
        var replicas = replicas
        replicas.limits.unwrittenBytesMax = 10_000
        let replica = try replicas.open()
        replica.table.apply([opening])
        for slot in UInt64(2)...21 { replica.table.apply([set(slot, "key\(slot)", String(repeating: "v", count: 6_000))]) }
        for slot in UInt64(22)...41 {
            replica.table.apply([entry(slot, .append(key: bytes("key\(slot - 20)"), value: bytes("x")), answeredBelow: slot)])
        }
        #expect(try shell(replicas.tablePath(), "SELECT applied_up_to FROM state") == "41")
        #expect(try shell(replicas.tablePath(), "SELECT count(*) FROM key_values WHERE length(value) = 6001") == "20")
    }

    /// The file has the old row, memory the new one, or none.
    @Test func keysAreFoundOnceWhereverTheyStand() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        replica.table.apply(log(through: 6))
        replicas.executor.runDelayed()
        let delete = { (slot: UInt64, key: String) in entry(slot, .delete(keys: [bytes(key)]), answeredBelow: slot) }
        replica.table.apply([delete(7, "key3"), set(8, "key3", "again"), delete(9, "key4"), set(10, "key10", "new"), set(11, "key2", "x")])
        let all = Outcome.page(next: 0, keys: ["key2", "key5", "key6", "key3", "key10"].map(bytes))
        #expect(answer(.scan(after: 0, count: 100, pattern: nil), replica, recorder) == all)
        #expect(answer(.scan(after: 1, count: 2, pattern: nil), replica, recorder) == .page(next: 5, keys: ["key5", "key6"].map(bytes)))
        #expect(answer(.count, replica, recorder) == .integer(5))
        replicas.executor.runDelayed()
        #expect(answer(.scan(after: 0, count: 100, pattern: nil), replica, recorder) == all)
        #expect(try Self.shellKeys(replicas) == "1|key2|x;4|key5|value5;5|key6|value6;6|key3|again;7|key10|new")
    }

    private static func shellKeys(_ replicas: Replicas) throws -> String {
        let rows = try shell(replicas.tablePath(), "SELECT id, CAST(key AS TEXT), CAST(value AS TEXT) FROM key_values ORDER BY id")
        return rows.split(separator: "\n").joined(separator: ";")
    }

    @Test func entriesWithoutCommandsMoveTheSlotOnly() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        let configuration = Configuration(number: 2, members: [])
        replica.table.apply([
            opening, SlottedEntry(slot: Slot(2), entry: Entry(ballot: ballot(1), stamp: .zero, content: .noOperation)),
            SlottedEntry(slot: Slot(3), entry: Entry(ballot: ballot(1), stamp: .zero, content: .configuration(configuration))),
        ])
        #expect(recorder.seen.appliedUpTo == [Slot(3)])
        #expect(recorder.seen.outcomes.map(\.sequence) == [1])
    }

    @Test func anUnknownCommandEndsTheReplica() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        let unknown = SlottedEntry(slot: Slot(2), entry: Entry(ballot: ballot(1), stamp: .zero, content: .command([9, 1, 0, 0])))
        replica.table.apply([opening, unknown])
        #expect(recorder.seen.failures.map(\.kind) == [.newerVersion])
        #expect(recorder.seen.failures.first?.description.contains("entry 2 can't be applied: format version 9 is unknown") == true)
        #expect(recorder.seen.appliedUpTo == [])
        #expect(answer(.count, replica, recorder) == nil)
    }

    @Test func theWriteAheadLogsStayBounded() throws {
        let replica = try replicas.open()
        let value = String(repeating: "v", count: 3000)
        for start in stride(from: UInt64(1), to: 12_000, by: 100) {
            let entries = (start..<start + 100).map { $0 == 1 ? opening : set($0, "key\($0 % 5000)", value) }
            replica.ledger.commit(LedgerWrite(number: start, entries: entries, chosenUpTo: Slot(start + 99)))
            replica.table.apply(entries)
            replicas.executor.runDelayed()
        }
        for (path, frames) in [(replicas.ledgerPath, 1000), (replicas.tablePath(), 4000)] {
            let size = try #require(FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int)
            // A table's is empty after a checkpoint.
            #expect(size > 0 || path == replicas.tablePath())
            #expect(size < (frames + 1000) * 4096, "\(path)")
        }
    }

    /// The same commands go to the table and to the reference in memory; at random moments the files are opened anew, after a crash
    /// (only what was committed is there) or after a stop.
    @Test(arguments: 1...12)
    func theTableIsTheReferencesEqual(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var reference = ReferenceTable()
        var directories = replicas
        directories.limits.unwrittenEntriesMax = [65_536, 1, 7, 50][Int(seed % 4)]
        var recorder = Recorder()
        var replica = try directories.open(recorder)
        var slot: UInt64 = 0
        for number in 0..<60 {
            let batch = (0..<random.number(below: 40) + 1).map { offset in
                let slot = slot + UInt64(offset) + 1
                return slot == 1 ? opening : entry(slot, random.mutation(), answeredBelow: slot > 20 ? slot - 20 : 1)
            }
            slot += UInt64(batch.count)
            replica.ledger.commit(LedgerWrite(number: UInt64(number + 1), entries: batch, chosenUpTo: Slot(slot)))
            let outcomes = try batch.map { slotted in
                guard case .command(let bytes) = slotted.entry.content else { throw CodingError.truncated }
                return try reference.apply(bytes: bytes, slot: slotted.slot.rawValue, stamp: slotted.entry.stamp.rawValue)
            }
            if random.number(below: 4) > 0 {
                let before = recorder.seen.outcomes.count
                replica.table.apply(batch)
                #expect(recorder.seen.outcomes.dropFirst(before).map(\.outcome) == outcomes, "seed \(seed), slot \(slot)")
                if random.number(below: 3) == 0 { directories.executor.runDelayed() }
                if random.number(below: 6) > 0 { continue }
            }
            if random.number(below: 2) == 0 { directories = try directories.crashed() } else { replica.close() }
            recorder = Recorder()
            replica = try directories.open(recorder)
            #expect(replica.appliedUpTo == Slot(slot))
            try compare(replica, recorder, reference, "seed \(seed), slot \(slot)")
        }
        replica.close()
        let inspection = try ReplicaInspection(directory: directories.path)
        #expect(inspection.table?.largestID == reference.rows.largestID)
        #expect(try Sessions(records: inspection.table?.sessions ?? []) == reference.sessions)
    }

    private func compare(_ replica: OpenReplica, _ recorder: Recorder, _ reference: ReferenceTable, _ place: Comment) throws {
        let keys = (0..<SplitMix.keys).map { bytes("key\($0)") }
        for query in [
            .count, .scan(after: 0, count: 1000, pattern: nil), .scan(after: 7, count: 3, pattern: bytes("key1*")), .getMany(keys: keys),
            .randomKey(seed: 5), .exists(keys: keys),
        ] + keys.map({ Query.length(key: $0) }) {
            #expect(answer(query, replica, recorder) == (try reference.answer(query)), place)
        }
    }
}

/// A small generator, so that a seed gives the same commands everywhere.
struct SplitMix {
    var state: UInt64

    static let keys = 12

    mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ word >> 31) % UInt64(bound))
    }

    mutating func mutation() -> Mutation {
        let key = bytes("key\(number(below: Self.keys))")
        // Empty ones too, and some larger than a page.
        let value = [UInt8](repeating: UInt8(ascii: "0") + UInt8(number(below: 10)), count: [0, 1, 3, 300, 6000][number(below: 5)])
        switch number(below: 9) {
        case 0: return .set(key: key, value: value, condition: .always, returnsPrevious: true)
        case 1: return .set(key: key, value: value, condition: .ifAbsent, returnsPrevious: number(below: 2) == 0)
        case 2: return .set(key: key, value: value, condition: .ifPresent, returnsPrevious: false)
        case 3: return .set(key: key, value: value, condition: .ifEqual(bytes("1")), returnsPrevious: false)
        case 4: return .setMany(pairs: [.init(key: key, value: value), .init(key: bytes("key1"), value: bytes("1"))])
        case 5: return .delete(keys: [key, bytes("key2"), key])
        case 6: return .getAndDelete(key: key)
        case 7: return .append(key: key, value: value)
        default: return .increment(key: key, by: Int64(number(below: 100)) - 50)
        }
    }
}
