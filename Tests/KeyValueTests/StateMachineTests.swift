import KeyValue
import Testing

@Suite struct StateMachineTests {
    @Test func setWritesAndSaysNothingOfWhatWasThere() throws {
        var shard = try Shard()
        #expect(try shard.run(.set("a", "1")) == .set(isApplied: true, previous: nil))
        #expect(try shard.run(.set("a", "2")) == .set(isApplied: true, previous: nil))
        #expect(try shard.value("a") == "2")
    }

    struct ConditionCase: Sendable {
        let existing: String?
        let condition: Mutation.Condition
        let isApplied: Bool
    }

    @Test(arguments: [
        ConditionCase(existing: nil, condition: .always, isApplied: true),
        ConditionCase(existing: "old", condition: .always, isApplied: true),
        ConditionCase(existing: nil, condition: .ifAbsent, isApplied: true),
        ConditionCase(existing: "old", condition: .ifAbsent, isApplied: false),
        ConditionCase(existing: "", condition: .ifAbsent, isApplied: false),
        ConditionCase(existing: nil, condition: .ifPresent, isApplied: false),
        ConditionCase(existing: "old", condition: .ifPresent, isApplied: true),
        ConditionCase(existing: nil, condition: .ifEqual(bytes("old")), isApplied: false),
        ConditionCase(existing: nil, condition: .ifEqual([]), isApplied: false),
        ConditionCase(existing: "old", condition: .ifEqual(bytes("old")), isApplied: true),
        ConditionCase(existing: "other", condition: .ifEqual(bytes("old")), isApplied: false),
    ])
    func setHeedsItsCondition(test: ConditionCase) throws {
        for returnsPrevious in [false, true] {
            var shard = try Shard()
            if let existing = test.existing { try shard.run(.set("a", existing)) }
            let outcome = try shard.run(.set("a", "new", test.condition, returnsPrevious: returnsPrevious))
            #expect(outcome == .set(isApplied: test.isApplied, previous: returnsPrevious ? test.existing.map(bytes) : nil))
            #expect(try shard.value("a") == (test.isApplied ? "new" : test.existing))
        }
    }

    @Test func anUnconditionalSetDoesNotReadTheRow() throws {
        var machine = StateMachine()
        var rows = WriteOnlyRows()
        for (sequence, mutation) in [.openSession(timeToLive: 1), .set("a", "1"), .setMany(pairs: [])].enumerated()
            as EnumeratedSequence<[Mutation]>
        {
            let command = SessionCommand(session: Shard.session, sequence: UInt64(sequence), answeredBelow: 1, mutation: mutation)
            _ = try machine.apply(command, slot: 1, stamp: 1, to: &rows)
        }
        #expect(rows.written == [bytes("a")])
    }

    @Test func setManyWritesInOrder() throws {
        var shard = try Shard()
        let pairs = [("a", "1"), ("b", "2"), ("a", "3")].map { Mutation.Pair(key: bytes($0.0), value: bytes($0.1)) }
        #expect(try shard.run(.setMany(pairs: pairs)) == .done)
        #expect(try shard.table.answer(.getMany(keys: ["a", "c", "b"].map(bytes))) == .values([bytes("3"), nil, bytes("2")]))
    }

    @Test func deleteCountsWhatItRemoves() throws {
        var shard = try Shard()
        try shard.run(.set("a", "1"))
        try shard.run(.set("b", "2"))
        #expect(try shard.run(.delete("a", "a", "c")) == .integer(1))
        #expect(try shard.run(.delete()) == .integer(0))
        #expect(try shard.table.answer(.count) == .integer(1))
    }

    @Test func getAndDeleteAnswersWhatItRemoves() throws {
        var shard = try Shard()
        try shard.run(.set("a", "1"))
        #expect(try shard.run(.getAndDelete(key: bytes("a"))) == .value("1"))
        #expect(try shard.run(.getAndDelete(key: bytes("a"))) == .value(nil))
        #expect(shard.table.rows.count == 0)
    }

    @Test func appendAnswersTheLength() throws {
        var shard = try Shard()
        #expect(try shard.run(.append("a", "")) == .integer(0))
        #expect(try shard.value("a") == "")
        #expect(try shard.run(.append("a", "abc")) == .integer(3))
        #expect(try shard.run(.append("a", "de")) == .integer(5))
        #expect(try shard.value("a") == "abcde")
    }

    @Test func appendStopsAtTheLargestValue() throws {
        var shard = try Shard(machine: StateMachine(valueBytesMax: 5))
        #expect(try shard.run(.append("a", "abcde")) == .integer(5))
        #expect(try shard.run(.append("a", "f")) == .failed(.valueTooLarge))
        #expect(try shard.run(.append("b", "abcdef")) == .failed(.valueTooLarge))
        #expect(try shard.value("a") == "abcde")
        #expect(try shard.value("b") == nil)
    }

    @Test func appendStopsAtTheBoundThatCameWithIt() throws {
        var shard = try Shard()
        try shard.run(.set("a", "1234"))
        let one = bytes("x")
        #expect(try shard.run(.append(key: bytes("a"), value: one, resultBytesMax: 4)) == .failed(.valueTooLarge))
        #expect(try shard.value("a") == "1234")
        #expect(try shard.run(.append(key: bytes("a"), value: one, resultBytesMax: 5)) == .integer(5))
    }

    @Test(
        arguments: [
            ("0", 1), ("-1", 0), ("41", 42), ("-9223372036854775808", -9_223_372_036_854_775_807),
            ("9223372036854775806", 9_223_372_036_854_775_807),
        ] as [(String, Int64)])
    func incrementCountsOn(value: String, sum: Int64) throws {
        var shard = try Shard()
        try shard.run(.set("a", value))
        #expect(try shard.run(.increment("a")) == .integer(sum))
        #expect(try shard.value("a") == String(sum))
    }

    @Test(arguments: [
        "", " 1", "1 ", "+1", "01", "00", "-0", "-01", "-", "--1", "1.0", "1e3", "a", "9223372036854775808", "-9223372036854775809",
        "10000000000000000000", "99999999999999999999", "1\0",
    ])
    func incrementRefusesWhatRedisRefuses(value: String) throws {
        var shard = try Shard()
        try shard.run(.set("a", value))
        #expect(try shard.run(.increment("a")) == .failed(.notAnInteger))
        #expect(try shard.value("a") == value)
    }

    @Test func incrementStartsAtZeroAndStopsAtTheEnds() throws {
        var shard = try Shard()
        #expect(try shard.run(.increment("a", by: -5)) == .integer(-5))
        #expect(try shard.run(.increment("b", by: .max)) == .integer(.max))
        #expect(try shard.run(.increment("b")) == .failed(.overflow))
        #expect(try shard.run(.increment("c", by: .min)) == .integer(.min))
        #expect(try shard.run(.increment("c", by: -1)) == .failed(.overflow))
        #expect(try shard.value("b") == String(Int64.max))
    }

    @Test func readsAnswerWhatIsThere() throws {
        var shard = try Shard()
        try shard.run(.set("a", "abc"))
        let table = shard.table
        #expect(try table.answer(.get(key: bytes("a"))) == .value("abc"))
        #expect(try table.answer(.get(key: bytes("b"))) == .value(nil))
        #expect(try table.answer(.exists(keys: ["a", "b", "a"].map(bytes))) == .integer(2))
        #expect(try table.answer(.length(key: bytes("a"))) == .integer(3))
        #expect(try table.answer(.length(key: bytes("b"))) == .integer(0))
        #expect(try table.answer(.type(key: bytes("a"))) == .type("string"))
        #expect(try table.answer(.type(key: bytes("b"))) == .type(nil))
    }

    @Test func aRowKeepsItsIdAndCreatedSlotUntilItIsDeleted() throws {
        var shard = try Shard()
        try shard.run(.set("a", "1"))
        try shard.run(.set("b", "1"))
        try shard.run(.set("a", "2"))
        let row = try #require(shard.table.rows.row(of: bytes("a")))
        #expect(row.id == 1 && row.createdSlot == 2 && row.modifiedSlot == 4)
        try shard.run(.delete("a"))
        try shard.run(.set("a", "3"))
        #expect(shard.table.rows.row(of: bytes("a"))?.id == 3)
        #expect(shard.table.rows.row(of: bytes("a"))?.createdSlot == 6)
    }
}

/// Fails when it is read.
private struct WriteOnlyRows: Rows {
    struct WasRead: Error {}

    var written: [[UInt8]] = []
    var count: UInt64 { 0 }
    var largestID: UInt64 { 0 }

    func value(of key: [UInt8]) throws -> [UInt8]? { throw WasRead() }
    func length(of key: [UInt8]) throws -> Int? { throw WasRead() }
    mutating func put(_ key: [UInt8], _ value: [UInt8], slot: UInt64) { written.append(key) }
    mutating func remove(_ key: [UInt8]) throws -> Bool { throw WasRead() }
    func keys(after id: UInt64, limit: Int) throws -> [(id: UInt64, key: [UInt8])] { throw WasRead() }
}
