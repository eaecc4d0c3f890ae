import KeyValue
import Testing

@Suite struct SessionsTests {
    @Test func aRetryAppliesNothingAndAnswersTheSame() throws {
        var shard = try Shard()
        let mutations: [Mutation] = [
            .increment("n"), .append("a", "x"), .set("s", "1", .ifAbsent), .getAndDelete(key: bytes("s")), .delete("a"),
        ]
        var outcomes: [Outcome] = []
        for (index, mutation) in mutations.enumerated() { outcomes.append(try shard.send(mutation, sequence: UInt64(index + 1))) }
        let rows = shard.table.rows
        for (index, mutation) in mutations.enumerated().reversed() {
            #expect(try shard.send(mutation, sequence: UInt64(index + 1)) == outcomes[index])
        }
        #expect(shard.table.rows == rows)
        #expect(outcomes[2] == .set(isApplied: true, previous: nil))
    }

    @Test func sequencesMayComeInAnyOrder() throws {
        var shard = try Shard()
        for sequence in [5, 2, 4, 1] as [UInt64] { #expect(try shard.send(.append("a", "\(sequence)"), sequence: sequence) != .done) }
        for sequence in [1, 2, 4, 5] as [UInt64] { try shard.send(.append("a", "again"), sequence: sequence) }
        try shard.send(.append("a", "3"), sequence: 3)
        #expect(try shard.value("a") == "52413")
    }

    @Test func whatHasBeenAnsweredIsNotAppliedAgain() throws {
        var shard = try Shard()
        try shard.send(.increment("n"), sequence: 1)
        try shard.send(.increment("n"), sequence: 2, answeredBelow: 2)
        #expect(try shard.send(.increment("n"), sequence: 1) == .failed(.alreadyAnswered))
        // A late command takes nothing back.
        #expect(try shard.send(.increment("n"), sequence: 1, answeredBelow: 1) == .failed(.alreadyAnswered))
        #expect(try shard.send(.increment("n"), sequence: 2) == .integer(2))
        #expect(try shard.value("n") == "2")
    }

    @Test func anUnknownSessionAppliesNothing() throws {
        var shard = try Shard()
        let other = SessionID(node: 2, random: 1)
        #expect(try shard.send(.increment("n"), sequence: 1, session: other) == .failed(.noSession))
        #expect(try shard.send(.keepSession, sequence: 1, session: other) == .failed(.noSession))
        #expect(shard.table.rows.count == 0)
        #expect(shard.table.sessions.count == 1)
    }

    @Test func aSessionExpiresAfterItsTimeToLive() throws {
        var shard = try Shard(timeToLive: 100)
        shard.stamp += 100
        #expect(try shard.send(.increment("n"), sequence: 1) == .integer(1))
        shard.stamp += 100
        #expect(try shard.send(.keepSession, sequence: 0) == .done)
        shard.stamp += 101
        #expect(try shard.send(.keepSession, sequence: 0) == .failed(.noSession))
        #expect(try shard.send(.increment("n"), sequence: 1) == .failed(.noSession))
        #expect(try shard.value("n") == "1")
    }

    @Test func anExpiredSessionIsNotOpenedAgain() throws {
        var shard = try Shard(timeToLive: 100)
        try shard.send(.increment("n"), sequence: 1)
        shard.stamp += 101
        #expect(try shard.send(.openSession(timeToLive: 100), sequence: 0) == .failed(.noSession))
        #expect(try shard.send(.increment("n"), sequence: 1) == .failed(.noSession))
    }

    @Test func aTimeToLiveBeyondTheEndOfTimeIsForEver() throws {
        var shard = try Shard(timeToLive: .max)
        shard.stamp = .max
        #expect(try shard.send(.keepSession, sequence: 0) == .done)
    }

    @Test func openingAnOpenSessionForgetsNothing() throws {
        var shard = try Shard(timeToLive: 100)
        try shard.send(.increment("n"), sequence: 1)
        shard.stamp += 60
        #expect(try shard.send(.openSession(timeToLive: 1), sequence: 0) == .done)
        shard.stamp += 60
        #expect(try shard.send(.increment("n"), sequence: 1) == .integer(1))
        #expect(try shard.value("n") == "1")
    }

    @Test func expiredSessionsGoWhenAnotherOpens() throws {
        var shard = try Shard(timeToLive: 100)
        let second = SessionID(node: 0, random: 1)
        let third = SessionID(node: 9, random: 1)
        shard.stamp += 50
        try shard.send(.openSession(timeToLive: 100), sequence: 0, session: second)
        _ = shard.table.takeSessionChanges()
        shard.stamp += 60
        #expect(shard.table.sessions.count == 2)
        try shard.send(.openSession(timeToLive: 100), sequence: 0, session: third)
        #expect(shard.table.sessions.session(Shard.session) == nil)
        let changes = shard.table.takeSessionChanges()
        #expect(changes.removed == [Shard.session])
        #expect(changes.changed.map(\.id) == [third])
        #expect(shard.table.takeSessionChanges().isEmpty)
    }

    @Test func aSessionHasABoundOnItsOutcomes() throws {
        var shard = try Shard()
        let limit = UInt64(Sessions.outcomesMax)
        for sequence in 1...limit { try shard.send(.increment("n"), sequence: sequence) }
        let applied = try shard.value("n")
        #expect(try shard.send(.increment("n"), sequence: limit + 1) == .failed(.sessionFull))
        #expect(try shard.send(.increment("n"), sequence: .max) == .failed(.sessionFull))
        #expect(try shard.send(.increment("n"), sequence: 7) == .integer(7))
        #expect(try shard.value("n") == applied)
        // Refused is not kept: once there is room the same command applies.
        #expect(try shard.send(.increment("n"), sequence: limit + 1, answeredBelow: 2) == .integer(Int64(limit) + 1))
    }

    @Test func aSessionHasABoundOnItsBytes() throws {
        var shard = try Shard()
        let value = [UInt8](repeating: 1, count: Sessions.outcomeBytesMax / 4)
        let key = bytes("a")
        for sequence in 1...5 as ClosedRange<UInt64> {
            let outcome = try shard.send(.set(key: key, value: value, condition: .always, returnsPrevious: true), sequence: sequence)
            #expect(outcome == .set(isApplied: true, previous: sequence == 1 ? nil : value))
        }
        #expect(try shard.send(.increment("n"), sequence: 6) == .failed(.sessionFull))
        #expect(try shard.send(.increment("n"), sequence: 6, answeredBelow: 3) == .integer(1))
    }

    @Test func aShardHasABoundOnItsSessions() throws {
        var shard = try Shard(timeToLive: 100)
        for number in 1..<UInt64(Sessions.sessionsMax) {
            #expect(try shard.send(.openSession(timeToLive: 100), sequence: 0, session: SessionID(node: 2, random: number)) == .done)
        }
        let late = SessionID(node: 3, random: 1)
        #expect(try shard.send(.openSession(timeToLive: 100), sequence: 0, session: late) == .failed(.sessionFull))
        #expect(try shard.send(.increment("n"), sequence: 1) == .integer(1))
        shard.stamp += 101
        #expect(try shard.send(.openSession(timeToLive: 100), sequence: 0, session: late) == .done)
        #expect(shard.table.sessions.count == 1)
    }

    @Test func theAnsweredMarkMayJumpAnywhere() throws {
        var shard = try Shard()
        for sequence in 1...300 as ClosedRange<UInt64> {
            try shard.send(.increment("n"), sequence: sequence, answeredBelow: sequence > 20 ? sequence - 20 : 1)
        }
        #expect(shard.table.sessions.session(Shard.session)?.kept.width == 21)
        #expect(try shard.send(.increment("n"), sequence: 290) == .integer(290))
        #expect(try shard.send(.increment("n"), sequence: .max - 1, answeredBelow: .max) == .failed(.alreadyAnswered))
        #expect(try shard.send(.increment("n"), sequence: .max, answeredBelow: .max) == .integer(301))
        #expect(try shard.send(.increment("n"), sequence: .max, answeredBelow: .max) == .integer(301))
        #expect(shard.table.sessions.session(Shard.session)?.kept.byteCount == Outcome.integer(0).byteCount)
    }

    /// A new leader may recover the end of a run whose beginning was lost.
    @Test func aCommandIsNotAppliedBeforeTheOneHandedOverBeforeIt() throws {
        var shard = try Shard()
        #expect(try shard.send(.set("k", "second"), sequence: 2, previous: 1) == .failed(.outOfOrder))
        #expect(try shard.send(.set("k", "first"), sequence: 1) == .set(isApplied: true, previous: nil))
        #expect(try shard.send(.set("k", "second"), sequence: 2, previous: 1) == .set(isApplied: true, previous: nil))
        #expect(try shard.value("k") == "second")
        // What has been answered is not asked for.
        #expect(try shard.send(.set("k", "fifth"), sequence: 5, answeredBelow: 5, previous: 4) == .set(isApplied: true, previous: nil))
    }
}
