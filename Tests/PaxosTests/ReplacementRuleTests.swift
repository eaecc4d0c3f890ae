import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)
private let n3 = NodeID(rawValue: 3)

/// How a lost member's place is given to its node's next life.
@Suite struct ReplacementRuleTests {
    private func makeBench(alpha: Int = 16) throws -> Bench {
        var settings = Settings()
        settings.alpha = alpha
        var bench = try Bench(settings: settings)
        try bench.lose(n3, underLeader: n1)
        return bench
    }

    private func answers(_ bench: Bench) -> [ReplacementAnswer] {
        bench.notices.compactMap { if case .replacement(_, let answer) = $0 { answer } else { nil } }
    }

    private func member(_ bench: Bench, _ node: NodeID, at other: NodeID) -> Configuration.Member? {
        bench[other].configuration?.member(node)
    }

    /// Until n3 votes again.
    private func replace(_ bench: inout Bench) throws {
        bench.step(n1, .replacementWanted(n3))
        try bench.live(30)
        bench.install(from: n2, at: n3)
        try bench.live(60)
    }

    @Test func aLostMemberComesBackAsALearnerAndThenVotes() throws {
        var bench = try makeBench()
        bench.step(n1, .replacementWanted(n3))
        #expect(answers(bench) == [.proposed(Incarnation(rawValue: 999))])
        try bench.live(30)
        #expect(bench[n1].configuration?.members.filter { !$0.isVoter }.map(\.node) == [n3])
        #expect(bench[n3].stage == .stranger && bench.wishes.map(\.node) == [n3])
        bench.install(from: n2, at: n3)
        #expect(bench[n3].stage == .born && bench.notices.contains(.joined))
        try bench.live(60)
        let again = Configuration.Member(node: n3, incarnation: Incarnation(rawValue: 999))
        #expect(bench.members.allSatisfy { member(bench, n3, at: $0) == again })
        // With n2 away n1 and n3 are a quorum.
        let leader = try #require(bench.leaderOfAll())
        bench.propose(["c"], at: leader)
        let other = leader == n3 ? n1 : n3
        try bench.settle { ![leader, other].contains($0.to.node) || ![leader, other].contains($0.from.node) }
        #expect(bench[leader].appliedUpTo == bench[leader].lastSlot)
    }

    /// Slots within α of the change are governed by the configuration that names the lost life.
    @Test func aNewLifeDoesNotVoteInThePlaceOfTheLostOne() throws {
        var bench = try makeBench(alpha: 4096)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(4)
        #expect(bench[n1].isConfigurationPending)
        bench.install(from: n2, at: n3)
        try bench.live(4)
        let leader = try #require(bench.leaderOfAll())
        let other = leader == n1 ? n2 : n1
        #expect(bench[leader].peerProgress.contains { $0.node == n3 && $0.acknowledged >= bench[leader].chosenUpTo })
        let before = bench[leader].chosenUpTo
        bench.propose(["c"], at: leader)
        try bench.settle { $0.to.node == other || $0.from.node == other }
        #expect(bench[leader].peerProgress.contains { $0.node == n3 && $0.acknowledged == bench[leader].lastSlot })
        #expect(bench[leader].chosenUpTo == before && before < bench[leader].lastSlot)
        try bench.live(1)
        #expect(bench[leader].chosenUpTo > before)
    }

    /// Neither a lease nor an election rests on it.
    @Test func aNewLifeNeitherElectsNorConfirms() throws {
        var bench = try makeBench(alpha: 4096)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(4)
        bench.install(from: n2, at: n3)
        try bench.live(4)
        let leader = try #require(bench.leaderOfAll())
        let other = leader == n1 ? n2 : n1
        for _ in 0..<10 {
            bench.pass(bench.settings.heartbeatInterval)
            bench.tick(leader)
            bench.tick(n3)
            try bench.settle { $0.to.node == other || $0.from.node == other }
        }
        #expect(!bench[leader].leaseHolds(at: bench.now))
        for _ in 0..<40 {
            bench.pass(bench.settings.heartbeatInterval)
            bench.tick(leader)
            bench.tick(n3)
            try bench.settle { $0.to.node == other || $0.from.node == other }
        }
        #expect(bench[leader].leads == nil && bench[n3].leads == nil)
    }

    @Test func aReplacementIsRefusedWithAReason() throws {
        var bench = try makeBench()
        bench.step(n2, .replacementWanted(n3))
        bench.step(n1, .replacementWanted(NodeID(rawValue: 9)))
        bench.step(n1, .replacementWanted(n1))
        bench.step(n1, .replacementWanted(n2))
        bench.step(n1, .replacementWanted(n3))
        bench.step(n1, .replacementWanted(n3))
        #expect(
            answers(bench) == [
                .refused(.doesNotLead), .refused(.isNoMember), .refused(.isNoMember), .refused(.hasNoNewcomer),
                .proposed(Incarnation(rawValue: 999)), .refused(.changeUnderWay),
            ])
    }

    @Test func aLivingMemberIsNotReplaced() throws {
        var bench = try Bench()
        try bench.elect(n1)
        try bench.beat(n1, times: 3)
        let stray = Party(node: n3, incarnation: Incarnation(rawValue: 999), boot: Boot(rawValue: 1))
        let word = Message.introduction(Introduction(stage: .stranger, members: [], wantsAnswer: false))
        bench.step(n1, .received(Envelope(from: stray, to: bench.party(n1), configuration: 0, message: word)))
        bench.step(n1, .replacementWanted(n3))
        #expect(answers(bench) == [.refused(.mayBeAlive)])
        // Words to the member are still meant for the member.
        bench.mail = []
        bench.pass(bench.settings.heartbeatInterval)
        bench.tick(n1)
        #expect(bench.mail.filter { $0.to.node == n3 }.allSatisfy { $0.to == bench.party(n3) })
        #expect(bench.mail.contains { $0.to.node == n3 })
    }

    @Test func aConfigurationSoonGovernsWhereNobodyWrites() throws {
        var bench = try makeBench(alpha: 1024)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(30)
        #expect(bench[n1].configuration?.number == 2 && !bench[n1].isConfigurationPending)
        // No further than that.
        let last = bench[n1].lastSlot
        try bench.live(10)
        #expect(bench[n1].lastSlot == last)
    }

    /// The snapshot brought more than α slots of the present ballot, of which its leader keeps none in memory.
    @Test func aLearnerAcknowledgesWhatItsSnapshotBrought() throws {
        var settings = Settings()
        settings.alpha = 16
        settings.retainedEntriesMax = 2
        var bench = try Bench(settings: settings)
        try bench.lose(n3, underLeader: n1)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(30)
        for _ in 0..<6 {
            bench.propose(["c", "d", "e"], at: n1)
            try bench.settle()
        }
        bench.install(from: n1, at: n3)
        try bench.live(2)
        #expect(bench[n1].peerProgress.last?.acknowledged == bench[n1].lastSlot)
        try bench.live(60)
        #expect(member(bench, n3, at: n1)?.isVoter == true)
    }

    @Test func aLaterLeaderGoesOnWithWhatAnEarlierOneBegan() throws {
        var bench = try makeBench(alpha: 1024)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(1)
        let leader = try #require(bench.leaderOfAll())
        #expect(bench[leader].isConfigurationPending)
        for node in [n1, n2] { bench.restart(node) }
        try bench.elect(n2)
        try bench.live(30)
        bench.install(from: n1, at: n3)
        try bench.live(60)
        #expect(member(bench, n3, at: n2)?.isVoter == true)
    }

    /// The leader keeps nothing in memory that it could send, and nobody writes.
    @Test func aLearnerGetsItsVoteInAnIdleGroup() throws {
        var settings = Settings()
        settings.alpha = 8
        settings.retainedBytesMax = 0
        var bench = try Bench(settings: settings)
        try bench.lose(n3, underLeader: n1)
        bench.step(n1, .replacementWanted(n3))
        try bench.live(10)
        for round in 0..<20 {
            bench.propose(["\(round)"], at: n1)
            try bench.settle { $0.to.node == n3 || $0.from.node == n3 }
        }
        bench.install(from: n1, at: n3)
        try bench.live(60)
        #expect(member(bench, n3, at: n1)?.isVoter == true)
    }

    @Test func aMemberWhosePlaceIsTakenBecomesAStranger() throws {
        var bench = try makeBench()
        let lost = Party(node: n3, incarnation: Bench.incarnation(n3), boot: Boot(rawValue: 9))
        var settings = Settings()
        settings.alpha = 16
        var old = try Bench(settings: settings)
        try replace(&bench)
        let members = try #require(bench[n1].configuration?.members)
        let word = Message.introduction(Introduction(stage: .born, members: members, wantsAnswer: false))
        // The lost life was only cut off, and hears of it now.
        old.step(n3, .received(Envelope(from: bench.party(n1), to: lost, configuration: 3, message: word)))
        #expect(old[n3].stage == .stranger)
    }

    /// Its promises are lost: a snapshot does not bring them back.
    @Test func aVoterThatForgotItsPromisesDoesNotComeBackUnderTheSameIncarnation() throws {
        var bench = try makeBench()
        try replace(&bench)
        #expect(member(bench, n3, at: n1)?.isVoter == true)
        bench.wipe(n3, incarnation: 999)
        bench.wishes = []
        try bench.live(30)
        #expect(bench[n3].stage == .stranger && bench.wishes.isEmpty)
        bench.install(from: n2, at: n3)
        try bench.live(2)
        #expect(bench[n3].stage == .stranger && bench.ledgers[2].membership.stage == .stranger)
    }

    private func place(_ bench: Bench, incarnation: Incarnation) -> Configuration {
        let learner = Configuration.Member(node: n3, incarnation: incarnation, isVoter: false)
        return Configuration(number: 2, members: bench.genesis.filter { $0.node != n3 } + [learner])
    }

    /// The snapshot makes the ledger say born, and a word that it is a stranger must not come behind that.
    @Test func nobodyAsksForASnapshotBeforeItsLedgerSaysStranger() throws {
        var bench = try Bench()
        bench.wipe(n3, incarnation: 999)
        bench.hear(.introduction(Introduction(stage: .born, members: bench.genesis, wantsAnswer: false)), from: n1, at: n3)
        #expect(bench[n3].stage == .stranger)
        let members = place(bench, incarnation: Incarnation(rawValue: 999)).members
        let word = Message.introduction(Introduction(stage: .born, members: members, wantsAnswer: false))
        bench.hear(word, from: n1, at: n3)
        #expect(bench.wishes.isEmpty)
        try bench.sync(n3)
        bench.hear(word, from: n1, at: n3)
        #expect(bench.wishes.map(\.node) == [n3])
    }

    /// It had asked for one before it lost its place.
    @Test func nobodyIsBornByASnapshotBeforeItsLedgerSaysStranger() throws {
        var bench = try Bench()
        let members = place(bench, incarnation: Incarnation(rawValue: 999)).members
        bench.step(
            n3,
            .received(
                Envelope(
                    from: bench.party(n1), to: bench.party(n3), configuration: 2,
                    message: .introduction(Introduction(stage: .born, members: members, wantsAnswer: false)))))
        let again = place(bench, incarnation: Bench.incarnation(n3))
        bench.install(
            TableModel(slot: Slot(9), stamp: .zero, configurations: [ChosenConfiguration(slot: Slot(8), configuration: again)]), at: n3)
        #expect(bench[n3].stage == .stranger)
        try bench.sync(n3)
        #expect(bench[n3].stage == bench.ledgers[2].membership.stage)
    }
}
