import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

private func entry(_ ballot: Ballot, _ text: String, stamp: UInt64 = 1) -> Entry {
    Entry(ballot: ballot, stamp: Stamp(rawValue: stamp), content: .command(Array(text.utf8)))
}

extension Message {
    fileprivate var isPrepare: Bool { if case .prepare = self { true } else { false } }
    fileprivate var isPromise: Bool { if case .promise = self { true } else { false } }
    fileprivate var isHandover: Bool { if case .handover = self { true } else { false } }
    fileprivate var accepted: Accepted? { if case .accepted(let word) = self { word } else { nil } }
    fileprivate var fetch: Fetch? { if case .fetch(let word) = self { word } else { nil } }
    fileprivate var promise: Promise? { if case .promise(let word) = self { word } else { nil } }
    fileprivate var accept: Accept? { if case .accept(let word) = self { word } else { nil } }
}

/// The rules that multi-slot Paxos breaks without, one by one.
@Suite struct CoreRuleTests {
    let old = Ballot(round: 1, node: n2)
    let new = Ballot(round: 2, node: n3)

    @Test func aBallotIsDurableBeforeItsPrepareLeaves() throws {
        var bench = try Bench()
        bench.stalled = [n1]
        try bench.elect(n1)
        #expect(bench.notices.contains(.standing(Ballot(round: 1, node: n1))))
        #expect(bench[n2].promised == .zero)
        try bench.sync(n1)
        #expect(bench.mail.contains { $0.message.isPrepare })
    }

    @Test func aPromiseLeavesOnlyOnceItIsDurable() throws {
        var bench = try Bench()
        let output = bench.hear(.prepare(Prepare(ballot: old, from: Slot(1), released: nil)), from: n2, at: n1)
        #expect(output.write?.promise == old)
        #expect(!bench.mail.contains { $0.message.isPromise })
        try bench.sync(n1)
        #expect(bench.mail.contains { $0.message.isPromise })
    }

    @Test func anAcknowledgementSaysThatEverythingBelowIsAccepted() throws {
        var bench = try Bench()
        func accept(_ slot: UInt64) -> Message {
            .accept(Accept(ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(slot), entries: [entry(old, "\(slot)")]))
        }
        bench.hear(accept(1), from: n2, at: n1)
        try bench.sync(n1)
        bench.mail = []
        bench.hear(accept(3), from: n2, at: n1)
        try bench.sync(n1)
        #expect(bench.mail.compactMap(\.message.accepted) == [Accepted(acknowledgement: .init(ballot: old, upTo: Slot(1)), hasGap: true)])
        bench.mail = []
        bench.hear(accept(2), from: n2, at: n1)
        #expect(bench.mail.isEmpty)
        try bench.sync(n1)
        #expect(bench.mail.compactMap(\.message.accepted) == [Accepted(acknowledgement: .init(ballot: old, upTo: Slot(3)), hasGap: false)])
    }

    @Test func aChosenIndexCoversOnlyWhatWasAcceptedAtItsBallot() throws {
        var bench = try Bench()
        bench.hear(
            .accept(Accept(ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: [entry(old, "not chosen")])),
            from: n2, at: n1)
        try bench.sync(n1)
        bench.mail = []
        // The new leader knows slot 1 to be chosen, with another value.
        bench.hear(
            .accept(Accept(ballot: new, ballotFirst: Slot(2), chosenUpTo: Slot(1), first: Slot(2), entries: [entry(new, "b")])),
            from: n3, at: n1)
        bench.hear(heartbeat(new, first: 2, chosen: 2, at: bench.now), from: n3, at: n1)
        #expect(bench[n1].chosenUpTo == .none)
        #expect(bench.mail.compactMap(\.message.fetch) == [Fetch(from: Slot(1), through: Slot(2))])
        bench.hear(
            .chosenEntries(ChosenEntries(first: Slot(1), entries: [entry(new, "a"), entry(new, "b")], chosenUpTo: Slot(2))), from: n3,
            at: n1)
        try bench.settle()
        #expect(bench.applied[0].map(\.entry.content) == [.command(Array("a".utf8)), .command(Array("b".utf8))])
    }

    @Test func nothingIsAcceptedBelowThePromiseWhenAFetchClosesTheGap() throws {
        var bench = try Bench()
        bench.hear(
            .accept(Accept(ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(2), entries: [entry(old, "early")])),
            from: n2, at: n1)
        try bench.sync(n1)
        bench.pass(bench.settings.patience)
        bench.hear(.prepare(Prepare(ballot: new, from: Slot(1), released: nil)), from: n3, at: n1)
        try bench.sync(n1)
        bench.hear(.chosenEntries(ChosenEntries(first: Slot(1), entries: [entry(old, "a")], chosenUpTo: Slot(1))), from: n2, at: n1)
        try bench.settle()
        #expect(bench[n1].promised == new)
        #expect(bench[n1].chosenUpTo == Slot(1))
        #expect(bench.ledgers[0][Slot(2)] == nil)
    }

    @Test func aPromiseInPartsCountsOnceAllPartsHaveCome() throws {
        var settings = Settings()
        settings.messageBytesMax = 40
        var bench = try Bench(settings: settings)
        for node in [n1, n2] {
            bench.hear(
                .accept(
                    Accept(
                        ballot: Ballot(round: 1, node: n3), ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1),
                        entries: ["a", "b", "c"].map { entry(Ballot(round: 1, node: n3), $0) })), from: n3, at: node)
            try bench.sync(node)
        }
        bench.mail = []
        try bench.elect(n1) { envelope in
            envelope.to.node == n3 || envelope.from.node == n3 || envelope.message.promise?.part == 1
        }
        #expect(!bench.notices.contains { if case .leads = $0 { true } else { false } })
        bench.pass(settings.heartbeatInterval * 2)
        bench.tick(n1)
        try bench.settle { $0.to.node == n3 || $0.from.node == n3 }
        #expect(bench[n1].isReadable)
        #expect(bench.applied[0].map(\.entry.content).prefix(3) == ["a", "b", "c"].map { .command(Array($0.utf8)) }[...])
    }

    @Test func aRepeatedPromiseIsCutIntoTheSameParts() throws {
        var settings = Settings()
        settings.messageBytesMax = 70
        var bench = try Bench(settings: settings)
        bench.hear(
            .accept(
                Accept(
                    ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: (1...6).map { entry(old, "\($0)") })),
            from: n2, at: n1)
        try bench.sync(n1)
        bench.pass(settings.patience)
        bench.mail = []
        bench.hear(.prepare(Prepare(ballot: new, from: Slot(1), released: nil)), from: n3, at: n1)
        try bench.sync(n1)
        let first = bench.mail.compactMap(\.message.promise)
        bench.mail = []
        // The candidate has caught up by one slot before it asks again.
        bench.hear(.prepare(Prepare(ballot: new, from: Slot(2), released: nil)), from: n3, at: n1)
        #expect(bench.mail.compactMap(\.message.promise) == first)
        #expect(first.count == 3)
    }

    @Test func aCandidateCatchesUpBeforeItProposes() throws {
        var bench = try Bench()
        try bench.elect(n2) { $0.to.node == n1 }
        bench.propose(["a"], at: n2)
        try bench.settle { $0.to.node == n1 }
        #expect(bench[n2].chosenUpTo == Slot(2))
        bench.pass(bench.settings.patience)
        var isFetched = false
        // Its first ballot is too low; the refusal says by how much.
        for _ in 0..<4 where !bench[n1].isReadable {
            try bench.elect(n1) { envelope in
                if envelope.message.fetch != nil { isFetched = true }
                if envelope.from.node == n1, let word = envelope.message.accept { #expect(isFetched && word.first == Slot(3)) }
                return false
            }
        }
        #expect(bench[n1].isReadable)
        #expect(bench.applied[0].contains { $0.entry.content == .command(Array("a".utf8)) })
    }

    @Test func aNewLeaderReadsOnlyOnceItsOwnEntryIsApplied() throws {
        var bench = try Bench()
        try bench.elect(n1) { $0.message.accepted != nil || $0.message.accept != nil }
        #expect(bench.notices.contains(.leads(Ballot(round: 1, node: n1))))
        #expect(bench[n1].leaseHolds(at: bench.now))
        #expect(!bench[n1].isReadable)
        bench.pass(bench.settings.heartbeatInterval)
        for _ in 0..<4 {
            bench.tick(n1)
            try bench.settle()
            bench.pass(bench.settings.heartbeatInterval)
        }
        #expect(bench[n1].isReadable)
    }

    @Test func stampsDoNotDecreaseWhenALaterLeaderFillsAnEarlierSlot() throws {
        var bench = try Bench()
        // Slot 2 from a slow clock, slot 1 later from a fast one.
        let both = [entry(old, "a", stamp: 100), entry(old, "b", stamp: 100)]
        bench.hear(.accept(Accept(ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: both)), from: n2, at: n1)
        bench.hear(
            .accept(Accept(ballot: new, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: [entry(new, "c", stamp: 900)])),
            from: n3, at: n1)
        try bench.settle { _ in true }
        try bench.elect(n1)
        #expect(bench.applied[0].map(\.entry.stamp.rawValue) == [900, 900, 900])
        #expect(bench.applied[0][1].entry.content == both[1].content)
    }

    private func heartbeat(_ ballot: Ballot, first: UInt64, chosen: UInt64, at now: Instant, told: Acknowledgement = .none) -> Message {
        .heartbeat(
            Heartbeat(
                ballot: ballot, ballotFirst: Slot(first), chosenUpTo: Slot(chosen), sentAt: now, lease: Settings().lease,
                lastAcknowledged: told, answeredProbe: nil))
    }
}
