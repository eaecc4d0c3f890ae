import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// What logs do not hold any more, and tables that are lost.
@Suite struct SnapshotRuleTests {
    /// n1 and n2 have given up everything that n3 lacks.
    private func makeBench(rounds: Int = 6) throws -> Bench {
        var settings = Settings()
        settings.retainedEntriesMax = 2
        var bench = try Bench(settings: settings)
        try bench.elect(n1)
        for round in 0..<rounds {
            bench.propose(["\(round)"], at: n1)
            try bench.settle { $0.to.node == n3 }
        }
        for node in [n1, n2] { bench.ledgers[bench.index(node)].compact(upTo: Slot(4)) }
        return bench
    }

    /// n3 starts with a sound ledger whose rows are given up, and no table.
    private func makeBenchWithoutTable() throws -> Bench {
        var settings = Settings()
        settings.retainedEntriesMax = 2
        var bench = try Bench(settings: settings)
        try bench.elect(n1)
        for round in 0..<6 {
            bench.propose(["\(round)"], at: n1)
            try bench.settle()
        }
        bench.ledgers[2].compact(upTo: Slot(5))
        bench.restart(n3, table: Slot.none)
        return bench
    }

    @Test func whatNoLogHoldsIsAskedForAsASnapshotOnce() throws {
        var bench = try makeBench()
        try bench.live(10)
        #expect(bench.wishes.count == 1 && bench.wishes[0].node == n3 && bench.wishes[0].wish.atLeast == Slot(4))
        #expect(bench[n3].appliedUpTo == Slot(1) && bench[n3].awaitsSnapshot != nil)
        bench.propose(["more"], at: n1)
        try bench.settle()
        bench.install(bench.ledgers[0].table(at: Slot(5)), at: n3)
        #expect(bench[n3].awaitsSnapshot == nil)
        try bench.live(10)
        #expect(bench[n3].appliedUpTo == bench[n1].appliedUpTo)
        #expect(bench.applied[2].map(\.slot) == [Slot(1)] + (6...bench[n1].appliedUpTo.rawValue).map { Slot($0) })
    }

    @Test func aCandidateThatNeedsASnapshotDoesNotLead() throws {
        var bench = try makeBench()
        bench.restart(n1)
        bench.restart(n2)
        try bench.elect(n3)
        #expect(bench.wishes.map(\.node) == [n3])
        #expect(bench[n3].leads == nil)
        bench.notices = []
        bench.mail = []
        bench.pass(.milliseconds(10_000))
        bench.tick(n3)
        #expect(bench.notices.isEmpty && bench.mail.isEmpty)
    }

    @Test func aPrepareBelowTheCompactionPointIsAnsweredWithWhatIsChosen() throws {
        var bench = try makeBench()
        bench.restart(n1)
        bench.pass(bench.settings.patience)
        bench.hear(.prepare(Prepare(ballot: Ballot(round: 9, node: n3), from: Slot(1), released: nil)), from: n3, at: n1)
        bench.mail = []
        try bench.sync(n1)
        let promises = bench.mail.compactMap { if case .promise(let word) = $0.message { word } else { nil } }
        #expect(promises.map(\.chosenUpTo) == [bench[n1].chosenUpTo] && bench[n1].chosenUpTo > Slot(4))
        #expect(promises.allSatisfy { promise in promise.entries.allSatisfy { $0.slot > promise.chosenUpTo } })
    }

    @Test func aReplicaWithoutATableVotesAndDoesNothingElse() throws {
        var bench = try makeBenchWithoutTable()
        let chosen = bench[n3].chosenUpTo
        try bench.live(10)
        let wish = try #require(bench.wishes.first)
        #expect(bench.wishes.count == 1 && wish.node == n3)
        #expect(wish.wish == SnapshotWish(peer: n2, atLeast: Slot(5), replayThrough: chosen))
        // Of n1's followers it alone is there: what it accepts is chosen.
        bench.propose(["more"], at: n1)
        try bench.settle { $0.to.node == n2 || $0.from.node == n2 }
        #expect(bench[n1].appliedUpTo == bench[n1].lastSlot && bench[n3].appliedUpTo == .none)
        #expect(bench[n3].staleness(at: bench.now) == nil)
        // Nobody else is left, and it does not stand.
        var asksForVotes = false
        for _ in 0..<100 {
            bench.pass(bench.settings.heartbeatInterval)
            bench.tick(n3)
            try bench.settle { envelope in
                if case .preVote = envelope.message { asksForVotes = true }
                return true
            }
        }
        #expect(!asksForVotes)
    }

    @Test func whoHasNeitherTheRowsNorATableOffersNothing() throws {
        var bench = try makeBenchWithoutTable()
        bench.mail = []
        bench.hear(.fetch(Fetch(from: Slot(1), through: Slot(5))), from: n2, at: n3)
        let answers = bench.mail.compactMap { if case .chosenEntries(let word) = $0.message { word } else { nil } }
        #expect(answers.map(\.compactedUpTo) == [.none] && answers.allSatisfy(\.entries.isEmpty))
    }

    @Test func rowsBehindTheSnapshotComeFromTheOwnLedger() throws {
        var bench = try makeBenchWithoutTable()
        try bench.live(4)
        bench.propose(["more"], at: n1)
        try bench.settle()
        let promised = bench[n3].promised
        bench.install(bench.ledgers[1].table(at: Slot(5)), at: n3)
        #expect(bench[n3].promised == promised)
        try bench.live(4)
        #expect(bench[n3].appliedUpTo == bench[n1].appliedUpTo)
        #expect(bench[n3].staleness(at: bench.now) != nil)
    }

    @Test func whatWasAcceptedAboveASnapshotStays() throws {
        var bench = try makeBench()
        try bench.live(2)
        bench.stalled = [n2]
        bench.propose(["open"], at: n1)
        try bench.settle()
        let last = bench[n1].lastSlot
        #expect(bench[n1].chosenUpTo < last)
        bench.install(bench.ledgers[0].table, at: n3)
        try bench.settle()
        // Accepted by n3 before its snapshot came, or proposed again: with n1 it is a quorum.
        try bench.beat(n1, times: 6)
        #expect(bench[n1].chosenUpTo == last)
        #expect(bench.ledgers[2][last]?.content == .command(Array("open".utf8)))
    }

    @Test func anOlderSnapshotIsNotHeardOf() throws {
        var bench = try makeBench()
        let before = bench[n2]
        bench.step(
            n2,
            .snapshotInstalled(
                InstalledSnapshot(
                    slot: Slot(2), appliedUpTo: Slot(2), stamp: .zero, configurations: [],
                    membership: Membership(stage: .born, genesis: bench.genesis))))
        #expect(bench[n2] == before)
    }

    @Test func membersWithDifferentOriginsAreNotBornTogether() throws {
        let backup = Origin(slot: Slot(40), hash: 7)
        for other in [Origin.empty, Origin(slot: Slot(40), hash: 8), Origin(slot: Slot(41), hash: 7)] {
            var bench = try Bench(isBorn: false, origins: [backup, other, backup])
            try bench.live(20)
            #expect(bench.members.allSatisfy { !bench[$0].isBorn })
            #expect(bench.notices.count { $0 == .differsInOrigin(n2) } == 2)
            #expect(bench.notices.count { $0 == .differsInOrigin(n1) } == 1)
        }
        var bench = try Bench(isBorn: false, origins: [backup, backup, backup])
        try bench.live(20)
        #expect(bench.members.allSatisfy { bench[$0].isBorn })
        let leader = try #require(bench.leaderOfAll())
        bench.propose(["a"], at: leader)
        try bench.settle()
        #expect(bench.applied[bench.index(leader)].map(\.slot) == [Slot(41), Slot(42)])
    }
}
