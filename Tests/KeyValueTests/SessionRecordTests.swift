import KeyValue
import Testing

@Suite struct SessionRecordTests {
    /// A table that is written and read again after every few commands must go on as one that never was.
    @Test(arguments: [21, 22, 23, 24] as [UInt64]) func sessionsReadFromTheirRecordsGoOnAlike(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var machine = StateMachine()
        var rows = MemoryRows()
        var stored: [SessionID: SessionRecord] = [:]
        let ids = (0..<4).map { SessionID(node: UInt16($0), random: seed) }
        var stamp: UInt64 = 1
        for slot in 1...3_000 as ClosedRange<UInt64> {
            stamp += UInt64.random(in: 0...4, using: &random)
            let command = randomCommand(of: ids[Int.random(in: 0..<4, using: &random)], near: slot / 8 + 1, &random)
            var reread = StateMachine(sessions: machine.sessions)
            var rereadRows = rows
            if slot % 5 == 0 {
                let changes = machine.takeSessionChanges()
                for id in changes.removed { stored[id] = nil }
                for record in changes.changed { stored[record.id] = record }
                reread = StateMachine(sessions: try Sessions(records: Array(stored.values)))
                #expect(reread == machine, "seed \(seed), slot \(slot)")
                #expect(reread.hashValue == machine.hashValue)
            }
            let outcome = try machine.apply(command, slot: slot, stamp: stamp, to: &rows)
            #expect(try reread.apply(command, slot: slot, stamp: stamp, to: &rereadRows) == outcome, "seed \(seed), slot \(slot)")
            #expect(reread == machine && rereadRows == rows, "seed \(seed), slot \(slot)")
        }
    }

    private func randomCommand(of session: SessionID, near sequence: UInt64, _ random: inout SeededGenerator) -> SessionCommand {
        let mutation: Mutation
        switch Int.random(in: 0..<20, using: &random) {
        case 0: mutation = .openSession(timeToLive: UInt64.random(in: 10...200, using: &random))
        case 1: mutation = .keepSession
        default: mutation = random.mutation()
        }
        return SessionCommand(
            session: session, sequence: sequence + UInt64.random(in: 0...20, using: &random),
            answeredBelow: sequence > 5 ? sequence - UInt64.random(in: 0...5, using: &random) : 1, mutation: mutation)
    }

    @Test func onlySessionsThatChangedAreTaken() throws {
        var shard = try Shard()
        let other = SessionID(node: 0, random: 3)
        try shard.send(.openSession(timeToLive: 100), sequence: 0, session: other)
        #expect(shard.table.takeSessionChanges().changed.map(\.id) == [other, Shard.session])
        #expect(shard.table.takeSessionChanges().isEmpty)
        try shard.send(.increment("n"), sequence: 1)
        let changes = shard.table.takeSessionChanges()
        #expect(changes.changed.map(\.id) == [Shard.session])
        #expect(changes.changed.first?.answeredBelow == 1)
        #expect(changes.changed.first?.lastStamp == 1_000)
    }

    @Test func damagedRecordsAreErrors() throws {
        var shard = try Shard()
        for sequence in [1, 2, 5] as [UInt64] { try shard.send(.increment("n"), sequence: sequence) }
        let record = try #require(shard.table.takeSessionChanges().changed.first)
        func changed(_ results: [UInt8]) -> SessionRecord {
            SessionRecord(
                id: record.id, timeToLive: record.timeToLive, lastStamp: record.lastStamp, answeredBelow: record.answeredBelow,
                results: results)
        }
        for length in record.results.indices {
            #expect(throws: CodingError.self) { try Sessions(records: [changed(Array(record.results[..<length]))]) }
        }
        #expect(throws: CodingError.unknownVersion(9)) { try Sessions(records: [changed([9, 0])]) }
        #expect(throws: CodingError.trailingBytes(1)) { try Sessions(records: [changed(record.results + [0])]) }
        #expect(throws: CodingError.malformed("a kept sequence")) { try Sessions(records: [changed([1, 1, 0x80, 0x40, 1, 1])]) }
        #expect(throws: CodingError.self) { try Sessions(records: [record, record]) }
        #expect(try Sessions(records: [record]) == shard.table.sessions)
    }
}
