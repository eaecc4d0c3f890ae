import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// What a candidate makes of promises that come in odd ways, and a replica of a group that knows more of it than it does itself.
@Suite struct RecoveryRuleTests {
    private let old = Ballot(round: 1, node: n3)

    private func entry(_ text: String) -> Entry {
        Entry(ballot: old, stamp: Stamp(rawValue: 1), content: .command(Array(text.utf8)))
    }

    /// n1 stands, and no promise has come.
    private func makeCandidate() throws -> Bench {
        var bench = try Bench()
        try bench.elect(n1) { if case .promise = $0.message { true } else { false } }
        return bench
    }

    private func promise(_ entries: [SlottedEntry], part: UInt16 = 0, of parts: UInt16 = 1, chosen: Slot = .none, _ bench: Bench) -> Message
    {
        .promise(Promise(ballot: bench[n1].promised, chosenUpTo: chosen, part: part, parts: parts, entries: entries))
    }

    private func contents(_ bench: Bench) -> [Entry.Content] { bench.applied[0].map(\.entry.content) }

    /// Paxos Made Simple, §3.
    @Test func whatNobodyReportsBelowAReportedSlotIsFilledWithNoOperations() throws {
        var bench = try makeCandidate()
        bench.hear(promise([SlottedEntry(slot: Slot(3), entry: entry("c"))], bench), from: n2, at: n1)
        try bench.settle()
        #expect(contents(bench).prefix(4) == [.noOperation, .noOperation, .command(Array("c".utf8)), .noOperation][...])
    }

    /// The acceptor has come to know more chosen slots between two sendings: parts of the two do not make one promise.
    @Test func partsOfTwoSendingsAreNotOnePromise() throws {
        var bench = try makeCandidate()
        let first = SlottedEntry(slot: Slot(1), entry: entry("a"))
        let second = SlottedEntry(slot: Slot(2), entry: entry("b"))
        bench.hear(promise([first], part: 0, of: 2, bench), from: n2, at: n1)
        bench.hear(promise([], part: 1, of: 2, chosen: Slot(1), bench), from: n2, at: n1)
        #expect(bench[n1].leads == nil)
        bench.hear(promise([first], part: 0, of: 2, bench), from: n2, at: n1)
        #expect(bench[n1].leads == nil)
        bench.hear(promise([second], part: 1, of: 2, bench), from: n2, at: n1)
        try bench.settle()
        #expect(contents(bench).prefix(2) == ["a", "b"].map { .command(Array($0.utf8)) }[...])
    }

    /// Commands would wait for its table, and after a while it would step down again.
    @Test func whoseTableIsNotRolledForwardDoesNotStand() throws {
        var settings = Settings()
        settings.chosenLagSlotsMax = 1
        var bench = try Bench(settings: settings)
        try bench.elect(n1)
        for text in ["a", "b", "c"] {
            bench.propose([text], at: n1)
            try bench.settle()
        }
        try bench.live(10)
        let last = bench.ledgers[2].chosenUpTo
        let ballot = bench[n3].promised
        #expect(last > Slot(2))
        bench.restart(n3, rolledUpTo: Slot(2))
        #expect(bench[n3].appliedUpTo == Slot(2))
        bench.hear(.handover(Handover(ballot: ballot)), from: n1, at: n3)
        bench.restart(n1)
        bench.restart(n2)
        try bench.elect(n3)
        #expect(bench[n3].promised == ballot && bench[n3].leads == nil)
        bench.step(n3, .applied(upTo: last))
        try bench.elect(n3)
        #expect(bench[n3].leads != nil && bench[n3].appliedUpTo == bench[n3].chosenUpTo)
    }

    /// It may have lost its rows and its table since, and then nobody could lead.
    @Test func whoKnowsMoreThanAQuorumIsNotWaitedFor() throws {
        var bench = try makeCandidate()
        bench.hear(promise([], chosen: Slot(2), bench), from: n2, at: n1)
        #expect(bench[n1].leads == nil)
        let accepted = [SlottedEntry(slot: Slot(1), entry: entry("a")), SlottedEntry(slot: Slot(2), entry: entry("b"))]
        bench.hear(promise(accepted, bench), from: n3, at: n1)
        #expect(bench[n1].leads == bench[n1].promised)
        try bench.settle()
        #expect(contents(bench).prefix(2) == ["a", "b"].map { .command(Array($0.utf8)) }[...])
    }

    /// Nobody is born before all have said that they stored the first members.
    @Test func aLedgerThatForgotTheFirstMembersIsAStranger() throws {
        var bench = try Bench(isBorn: false)
        bench.hear(.introduction(Introduction(stage: .born, members: bench.genesis, wantsAnswer: false)), from: n2, at: n1)
        try bench.sync(n1)
        #expect(bench[n1].stage == .stranger)
        #expect(bench.notices.last == .isStranger(.knowsNothing(ofGroupOf: n2)))
    }

    @Test func aReplicaThatTheFirstMembersKnowByAnotherIncarnationIsAStranger() throws {
        var bench = try Bench(isBorn: false)
        var members = bench.genesis
        members[0] = Configuration.Member(node: n1, incarnation: Incarnation(rawValue: 99), isVoter: true)
        bench.hear(.introduction(Introduction(stage: .ready, members: members, wantsAnswer: false)), from: n2, at: n1)
        try bench.sync(n1)
        #expect(bench[n1].stage == .stranger)
        #expect(bench.notices.last == .isStranger(.knownOtherwise(by: n2)))
    }
}
