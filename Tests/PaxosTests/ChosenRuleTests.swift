import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// What is given away as chosen, and how far beyond it anybody goes.
@Suite struct ChosenRuleTests {
    @Test func onlyWhatIsChosenIsServed() throws {
        var bench = try Bench()
        let ballot = Ballot(round: 1, node: n2)
        let entries = ["a", "b"].map { Entry(ballot: ballot, stamp: Stamp(rawValue: 1), content: .command(Array($0.utf8))) }
        let fetch = Message.fetch(Fetch(from: Slot(1), through: Slot(2)))
        func accept(chosen: Slot) -> Message {
            .accept(Accept(ballot: ballot, ballotFirst: Slot(1), chosenUpTo: chosen, first: Slot(1), entries: entries))
        }
        bench.hear(accept(chosen: .none), from: n2, at: n1)
        try bench.sync(n1)
        bench.mail = []
        bench.hear(fetch, from: n3, at: n1)
        bench.hear(accept(chosen: Slot(1)), from: n2, at: n1)
        bench.hear(fetch, from: n3, at: n1)
        let served = bench.mail.compactMap { if case .chosenEntries(let word) = $0.message { word.entries } else { nil } }
        #expect(served == [[], [entries[0]]])
    }

    @Test func nobodyProposesBeyondAlpha() throws {
        var settings = Settings()
        settings.alpha = 4
        var bench = try Bench(settings: settings)
        try bench.elect(n1)
        #expect(bench[n1].proposalRoom == 4)
        bench.propose(["a", "b", "c"], at: n1)
        try bench.settle { _ in true }
        #expect(bench[n1].proposalRoom == 1)
    }

    @Test func aLeaderHoldsABoundedNumberOfBytes() throws {
        var settings = Settings()
        settings.heldBytesMax = 4000
        settings.retainedBytesMax = 0
        var bench = try Bench(settings: settings)
        try bench.elect(n1)
        bench.propose([String(repeating: "a", count: 5000)], at: n1)
        #expect(bench[n1].proposalByteRoom == 0 && bench[n1].proposalRoom == 0)
        try bench.settle()
        #expect(bench[n1].proposalByteRoom > 3000 && bench[n1].proposalRoom > 0)
    }

    /// It lacks chosen slots, which come first.
    @Test func nobodyAcceptsFarBeyondWhatItKnowsToBeChosen() throws {
        var settings = Settings()
        settings.alpha = 4
        var bench = try Bench(settings: settings)
        let ballot = Ballot(round: 1, node: n2)
        func entry(_ slot: UInt64) -> Entry {
            Entry(ballot: ballot, stamp: Stamp(rawValue: 1), content: .command([UInt8(slot)]))
        }
        func accept(_ slot: UInt64) -> Message {
            .accept(Accept(ballot: ballot, ballotFirst: Slot(8), chosenUpTo: .none, first: Slot(slot), entries: [entry(slot)]))
        }
        bench.hear(accept(8), from: n2, at: n1)
        bench.hear(accept(9), from: n2, at: n1)
        #expect(bench[n1].lastSlot == Slot(8))
        let chosen = (1...7).map { entry($0) }
        bench.hear(.chosenEntries(ChosenEntries(first: Slot(1), entries: chosen, chosenUpTo: Slot(7))), from: n2, at: n1)
        bench.hear(accept(9), from: n2, at: n1)
        #expect(bench[n1].lastSlot == Slot(9))
    }

    /// Until then, nothing waits for it.
    @Test func aLeadersOwnWriteMayChooseOnceOthersHaveAcknowledged() throws {
        var bench = try Bench()
        try bench.elect(n1)
        #expect(!bench[n1].standing.choosesWithOwnWrite)
        bench.stalled = [n1]
        bench.propose(["a"], at: n1)
        #expect(!bench[n1].standing.choosesWithOwnWrite)
        try bench.settle { $0.to.node == n3 }
        #expect(bench[n1].standing.choosesWithOwnWrite)
        try bench.sync(n1)
        #expect(!bench[n1].standing.choosesWithOwnWrite, "it is chosen")

        var alone = try Bench(1)
        try alone.elect(n1)
        #expect(alone[n1].standing.choosesWithOwnWrite)
        #expect(!bench[n2].standing.choosesWithOwnWrite)
    }

    @Test func aLeadersOwnVoteCountsOnceItIsDurable() throws {
        var bench = try Bench()
        try bench.elect(n1)
        let before = bench[n1].chosenUpTo
        bench.stalled = [n1]
        bench.propose(["a"], at: n1)
        try bench.settle { $0.to.node == n3 }
        #expect(bench[n1].chosenUpTo == before)
        try bench.sync(n1)
        #expect(bench[n1].chosenUpTo == before.next)
    }

    @Test func anAcceptBelowThePromiseIsRefused() throws {
        var bench = try Bench()
        let (old, new) = (Ballot(round: 1, node: n2), Ballot(round: 2, node: n3))
        func accept(_ slot: UInt64) -> Message {
            let entry = Entry(ballot: old, stamp: Stamp(rawValue: 1), content: .command([UInt8(slot)]))
            return .accept(Accept(ballot: old, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(slot), entries: [entry]))
        }
        bench.hear(accept(1), from: n2, at: n1)
        bench.pass(bench.settings.patience)
        bench.hear(.prepare(Prepare(ballot: new, from: Slot(1), released: nil)), from: n3, at: n1)
        try bench.sync(n1)
        bench.mail = []
        let output = bench.hear(accept(2), from: n2, at: n1)
        #expect(output.messages.map(\.message) == [.rejection(Rejection(ballot: old, promised: new))])
        #expect(output.write == nil)
    }

    /// Paxos Made Simple, §2.2, P2c: whoever reports it, the candidate itself or another.
    @Test(arguments: [n1, n2]) func theValueOfTheHighestBallotIsProposedAgain(newest: NodeID) throws {
        var bench = try Bench()
        for node in [n1, n2] {
            let ballot = Ballot(round: node == newest ? 2 : 1, node: n3)
            let entry = Entry(ballot: ballot, stamp: Stamp(rawValue: 1), content: .command([UInt8(ballot.round)]))
            bench.hear(
                .accept(Accept(ballot: ballot, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: [entry])), from: n3,
                at: node)
        }
        try bench.settle { _ in true }
        // A first ballot may be too low; the refusal says by how much.
        for _ in 0..<4 where !bench[n1].isReadable { try bench.elect(n1) { $0.to.node == n3 || $0.from.node == n3 } }
        #expect(bench.applied[0].first?.entry.content == .command([2]))
    }
}
