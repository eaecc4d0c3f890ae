import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// Who may vote, who may lead, and for how long.
@Suite struct MembershipRuleTests {
    @Test func nobodyVotesBeforeAllHaveExchangedIncarnations() throws {
        var bench = try Bench(isBorn: false)
        for node in bench.members { bench.tick(node) }
        try bench.settle { $0.to.node == n3 || $0.from.node == n3 }
        bench.pass(bench.settings.introductionInterval)
        for node in bench.members { bench.tick(node) }
        try bench.settle { $0.to.node == n3 || $0.from.node == n3 }
        #expect(bench.members.allSatisfy { !bench[$0].isBorn })
        #expect(bench[n1].awaitedMembers == [n3])
        bench.hear(.prepare(Prepare(ballot: Ballot(round: 1, node: n2), from: Slot(1), released: nil)), from: n2, at: n1)
        #expect(bench[n1].promised == .zero)
        bench.pass(bench.settings.introductionInterval)
        for node in bench.members { bench.tick(node) }
        try bench.settle()
        #expect(bench.members.allSatisfy { bench[$0].isBorn })
        try bench.elect(n2)
        #expect(bench[n2].isReadable)
    }

    @Test func aWipedMemberIsAStranger() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.ledgers[2] = LedgerModel(incarnation: Incarnation(rawValue: 999))
        bench.restart(n3)
        bench.tick(n3)
        try bench.settle()
        #expect(bench[n3].stage == .stranger)
        bench.hear(.prepare(Prepare(ballot: Ballot(round: 9, node: n2), from: Slot(1), released: nil)), from: n2, at: n3)
        #expect(bench[n3].promised == .zero)
    }

    @Test func anOlderCopyOfALedgerStopsVoting() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.propose(["a"], at: n1)
        try bench.settle()
        let copy = bench.ledgers[2]
        bench.propose(["b"], at: n1)
        try bench.settle()
        bench.ledgers[2] = copy
        bench.restart(n3)
        bench.pass(bench.settings.heartbeatInterval)
        bench.tick(n1)
        try bench.settle()
        bench.pass(bench.settings.heartbeatInterval)
        bench.tick(n1)
        try bench.settle()
        #expect(bench[n3].stage == .stranger)
    }

    @Test func aRestartedReplicaPromisesNothingForALease() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.restart(n3)
        let prepare = Message.prepare(Prepare(ballot: Ballot(round: 7, node: n2), from: Slot(1), released: nil))
        bench.pass(bench.settings.lease)
        bench.hear(prepare, from: n2, at: n3)
        #expect(bench[n3].promised == Ballot(round: 1, node: n1))
        bench.pass(bench.settings.patience - bench.settings.lease)
        bench.hear(prepare, from: n2, at: n3)
        #expect(bench[n3].promised == Ballot(round: 7, node: n2))
    }

    @Test func theWaitForALeaseBeginsWithTheEndOfTheEarlierLife() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.restart(n3, aloneFor: bench.settings.lease)
        let prepare = Message.prepare(Prepare(ballot: Ballot(round: 7, node: n2), from: Slot(1), released: nil))
        bench.hear(prepare, from: n2, at: n3)
        #expect(bench[n3].promised == Ballot(round: 1, node: n1))
        bench.pass(bench.settings.patience - bench.settings.lease)
        bench.hear(prepare, from: n2, at: n3)
        #expect(bench[n3].promised == Ballot(round: 7, node: n2))
    }

    @Test func whoeverWasLongAtStartingAsksAtOnceAndSaysYesOnceItHasListened() throws {
        var bench = try Bench()
        bench.restart(n3, aloneFor: .milliseconds(60_000))
        #expect(bench[n3].deadline <= bench.now + bench.settings.electionJitter)
        let ballot = Ballot(round: 7, node: n2)
        let question = Message.preVote(PreVote(ballot: ballot, chosenUpTo: .none))
        let answer = { (isGranted: Bool) in Message.preVoteReply(PreVoteReply(ballot: ballot, isGranted: isGranted, promised: .zero)) }
        bench.pass(bench.settings.heartbeatInterval * 2 - .milliseconds(1))
        #expect(bench.hear(question, from: n2, at: n3).messages.map(\.message) == [answer(false)])
        bench.pass(.milliseconds(1))
        #expect(bench.hear(question, from: n2, at: n3).messages.map(\.message) == [answer(true)])
    }

    @Test func aGranterOutlastsItsHolderAtEveryDriftBound() {
        for drift in [0, 1, 10, 22, 50, 200, 500] as [Int64] {
            var settings = Settings()
            settings.clockDriftPerMille = drift
            // True time, in parts of a thousandth: the holder's clock runs slow, the granter's fast.
            let holder = settings.lease.nanoseconds * (1000 + drift)
            let granter = settings.grantSpan(for: settings.lease).nanoseconds * (1000 - drift)
            #expect(granter >= holder - 1000)
        }
    }

    @Test func aHandoverDoesNotWaitForTheLease() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.propose(["a"], at: n1)
        try bench.settle()
        bench.pass(.milliseconds(1))
        bench.step(n1, .handoverWanted)
        bench.tick(n1)
        try bench.settle()
        #expect(!bench[n1].isReadable)
        #expect([n2, n3].contains { bench[$0].isReadable && bench[$0].leaseHolds(at: bench.now) })
    }

    @Test func aLeaderThatHoldsALeasePromisesNobody() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.hear(.prepare(Prepare(ballot: Ballot(round: 7, node: n2), from: Slot(1), released: nil)), from: n2, at: n1)
        #expect(bench[n1].promised == Ballot(round: 1, node: n1))
        #expect(bench[n1].isReadable)
    }

    @Test func aStalledDiskMakesTheLeaderStepDown() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.stalled = [n1]
        bench.propose(["a"], at: n1)
        try bench.beat(n1, times: 25)
        #expect(!bench[n1].isReadable)
        #expect([n2, n3].contains { bench[$0].isReadable })
        #expect(bench.applied[1].contains { $0.entry.content == .command(Array("a".utf8)) })
    }

    @Test func aTableThatStandsStillMakesTheLeaderStepDown() throws {
        var bench = try Bench()
        try bench.elect(n1)
        bench.stuck = [n1]
        bench.propose(["a"], at: n1)
        try bench.beat(n1, times: 25)
        #expect(bench[n1].leads == nil)
        #expect([n2, n3].contains { bench[$0].isReadable })
    }

    @Test func leadershipDoesNotGoToATableThatStandsStill() throws {
        for isStuck in [false, true] {
            var bench = try Bench()
            try bench.elect(n1)
            bench.groups[0].preferredLeader = n2
            if isStuck { bench.stuck = [n2] }
            for round in 0..<80 {
                if bench[n1].proposalRoom > 0 { bench.propose(["\(round)"], at: n1) }
                try bench.beat(n1, times: 1)
            }
            #expect((bench[n1].leads != nil) == isStuck)
        }
    }

    @Test func aProbeOfAnEarlierLifeIsNotAnswered() throws {
        var bench = try Bench()
        bench.now = Instant.zero + .milliseconds(60_000)
        try bench.elect(n1)
        for _ in 0..<3 {
            bench.pass(bench.settings.heartbeatInterval)
            bench.tick(n1)
            try bench.settle()
        }
        #expect(bench[n2].staleness(at: bench.now) != nil)
        let leaderNow = bench.now
        // The machine of n2 is started anew, and so is its clock.
        bench.now = .zero
        bench.restart(n2)
        bench.hear(.introduction(Introduction(stage: .born, members: bench.genesis, wantsAnswer: false)), from: n2, at: n1)
        bench.now = leaderNow + bench.settings.heartbeatInterval
        bench.mail = []
        bench.tick(n1)
        let heartbeats = bench.mail.compactMap { envelope -> Heartbeat? in
            guard envelope.to.node == n2, case .heartbeat(let word) = envelope.message else { return nil }
            return word
        }
        #expect(heartbeats.count == 1 && heartbeats[0].answeredProbe == nil)
    }

    @Test func aConfigurationGovernsFromAlphaSlotsOn() throws {
        var settings = Settings()
        settings.alpha = 4
        var bench = try Bench(settings: settings)
        // n3 loses its vote: from slot 1 + 4 on both n1 and n2 are needed, before that any two.
        let change = Configuration(
            number: 2,
            members: bench.members.map {
                Configuration.Member(node: $0, incarnation: Bench.incarnation($0), isVoter: $0 != n3)
            })
        let ballot = Ballot(round: 1, node: n3)
        bench.hear(
            .accept(
                Accept(
                    ballot: ballot, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1),
                    entries: [Entry(ballot: ballot, stamp: .zero, content: .configuration(change))])), from: n3, at: n1)
        try bench.settle { _ in true }
        // Elected by n1 and n2, and again once the configuration is chosen: every later slot has a phase 1 of its members.
        try bench.elect(n1) { $0.to.node == n3 || $0.from.node == n3 }
        #expect(bench[n1].isReadable)
        #expect(bench.notices.contains { if case .steppedDown(Ballot(round: 2, node: n1), _) = $0 { true } else { false } })
        let before = bench[n1].chosenUpTo
        #expect(before < Slot(5))
        // n2 is silent: what n3 acknowledges counts below slot 5 only.
        let room = bench[n1].proposalRoom
        bench.propose((0..<room).map { "\($0)" }, at: n1)
        for _ in 0..<3 {
            try bench.settle { $0.to.node == n2 || $0.from.node == n2 }
            bench.pass(settings.heartbeatInterval)
            bench.tick(n1)
        }
        #expect(bench[n1].chosenUpTo == Slot(4))
    }
}
