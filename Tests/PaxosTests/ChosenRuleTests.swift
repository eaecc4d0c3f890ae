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
