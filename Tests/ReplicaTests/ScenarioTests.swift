import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding
import Simulator
import Testing

/// One story each, under virtual time, on a network that does only what the story says.
@Suite("What a shard does for its clients")
struct ScenarioTests {
    /// Three nodes, the first of which leads.
    private func makeWorld(reads: ClusterSettings.Reads = .lease, limits: ShardLimits = ShardLimits()) throws -> World {
        var cluster = ClusterSettings()
        cluster.reads = reads
        let world = World(seed: 42, cluster: cluster, preferredLeader: NodeID(rawValue: 1))
        world.limits = limits
        for machine in world.machines { machine.start() }
        #expect(world.run { world.leader?.node == NodeID(rawValue: 1) })
        world.run(for: .milliseconds(500))
        for machine in world.machines {
            #expect(machine.answer(.set("warm \(machine.node)"), key: "k\(machine.node)") == .outcome(.set(isApplied: true, previous: nil)))
        }
        return world
    }

    private func finish(_ world: World) {
        world.run(for: world.cluster.requestTimeout + .milliseconds(1_000))
        if world.failures.isEmpty { world.check() }
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    @Test func aRetryAtANewLeaderAppliesOnce() throws {
        let world = try makeWorld()
        // The leader's words still reach the others, so the command is chosen; its answer does not, nor the chosen index.
        world.network.isLost = { message, from, _ in if case .outcome = message { from == NodeID(rawValue: 1) } else { false } }
        world[2].tableDelay = 900_000...900_000
        let number = try #require(world[2].ask(.increment(by: 1), key: "c"))
        #expect(world.run { world.truth.entries.last??.content.isIncrement ?? false })
        world[1].crash()
        #expect(world.run { world.leader != nil && world.leader?.node != NodeID(rawValue: 1) })
        world[2].tableDelay = 20...600
        #expect(world.run { world.history.calls[number].reply != nil })
        #expect(world.history.calls[number].reply == .outcome(.integer(1)))
        #expect(world[2].answer(.get, key: "c") == .outcome(.value([UInt8]("1".utf8))))
        world[1].start()
        finish(world)
    }

    @Test func aForwardedCommandIsAnsweredThoughTheOutcomeIsLost() throws {
        let world = try makeWorld()
        world.network.isLost = { message, _, _ in if case .outcome = message { true } else { false } }
        let asked = world.now
        #expect(world[3].answer(.increment(by: 1), key: "c") == .outcome(.integer(1)))
        #expect(world.now - asked < .milliseconds(200), "its own table knows before anything is sent again")
        finish(world)
    }

    @Test func anAnswerThatNoMessageCouldCarryIsRefused() throws {
        var limits = ShardLimits()
        limits.remoteAnswerBytesMax = 100
        let world = try makeWorld(limits: limits)
        let value = String(repeating: "v", count: 90)
        #expect(world[1].answer(.set(value), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        #expect(world[1].answer(.get, key: "k") == .outcome(.value([UInt8](value.utf8))), "it goes through no network")
        let refusal = "the answer of 106 bytes is more than one node sends another: ask for less at once"
        #expect(world[2].answer(.get, key: "k") == .failed(.tooLarge(refusal)))
        #expect(world[1].answer(.set("short"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        #expect(world[2].answer(.get, key: "k") == .outcome(.value([UInt8]("short".utf8))))
        finish(world)
    }

    @Test(arguments: [ClusterSettings.Reads.lease, .quorum])
    func aDeposedLeaderAnswersNoRead(reads: ClusterSettings.Reads) throws {
        let world = try makeWorld(reads: reads)
        #expect(world[1].answer(.set("old"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        world.network.isolate(NodeID(rawValue: 1))
        let isReplaced = world.run {
            world.machines.contains { $0.node != NodeID(rawValue: 1) && $0.life?.server.report.role == .leader }
        }
        #expect(isReplaced)
        #expect(world[2].answer(.set("new"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        let number = try #require(world[1].ask(.get, key: "k"))
        world.run(for: .milliseconds(2_000))
        #expect(world.history.calls[number].reply == nil, "only the new leader knows")
        world.network.heal()
        #expect(world.run { world.history.calls[number].reply == .outcome(.value([UInt8]("new".utf8))) })
        finish(world)
    }

    /// Refusals of one run come one by one; the client has turned to the leader at the first.
    @Test func aStrangersClientsDoNotFloodTheLog() throws {
        let world = try makeWorld()
        world[3].wipe()
        world[3].start()
        #expect(world.run { world[3].life?.server.report.role == .stranger })
        #expect(world[3].answer(.set("first"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        world.network.latency = 20_000...30_000
        for (from, to) in [(UInt16(1), UInt16(2)), (2, 1)] {
            world[from].life?.server.handOver {}
            #expect(world.run { world.leader?.node == NodeID(rawValue: to) })
            let before = world.truth.entries.count
            let numbers = (1...20).compactMap { world[3].ask(.set("\(to).\($0)"), key: "k") }
            #expect(world.run { numbers.allSatisfy { world.history.calls[$0].reply != nil } })
            world.run(for: .milliseconds(500))
            #expect(world.truth.entries.count - before <= 2 * 20, "each command is proposed hardly more than once")
        }
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    /// Nothing waits when it finds that its session is gone, and then for long nothing comes.
    @Test func anIdleClientWhoseSessionIsGoneServesTheNextCommand() throws {
        var limits = ShardLimits()
        limits.sessionTimeToLive = .milliseconds(3000)
        let world = try makeWorld(limits: limits)
        world.network.isolate(NodeID(rawValue: 3))
        world.run(for: .milliseconds(4000))
        // An expired session goes when another one opens.
        world[2].crash()
        world[2].start()
        #expect(world[2].answer(.set("after"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        world.network.heal()
        world.run(for: .milliseconds(4000))
        #expect(world[3].answer(.set("later"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    @Test func aStrangerServesItsClientsThroughOthers() throws {
        let world = try makeWorld()
        world[3].wipe()
        world[3].start()
        #expect(world.run { world[3].life?.server.report.role == .stranger })
        #expect(world[3].answer(.set("kept"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        #expect(world[3].answer(.get, key: "k") == .outcome(.value([UInt8]("kept".utf8))))
        world[1].life?.server.handOver {}
        #expect(world.run { world.leader?.node == NodeID(rawValue: 2) })
        #expect(world[3].answer(.set("through the next leader"), key: "k") == .outcome(.set(isApplied: true, previous: nil)))
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    @Test func whoeverIsOneTooManyIsToldThatNothingHappened() throws {
        let world = try makeWorld()
        world[1].life?.pause()
        for _ in 0..<8_100 { world[2].ask(.increment(by: 1), key: "c") }
        let refused = world.history.calls.filter {
            if case .failed(.busy)? = $0.reply { true } else { false }
        }
        #expect(refused.count >= 100)
        world[1].life?.goOn()
        world.run(for: world.cluster.requestTimeout + .milliseconds(1_000))
        #expect(world.history.unanswered.isEmpty)
        let taken = world.history.calls.count { if case .outcome(.integer)? = $0.reply { true } else { false } }
        #expect(taken + refused.count == 8_100)
        #expect(world[3].answer(.get, key: "c") == .outcome(.value([UInt8](String(taken).utf8))))
        #expect(world.failures.isEmpty, "\(world.report)")
    }

    @Test func anExpiredSessionIsReplacedBehindTheClientsBack() throws {
        let world = try makeWorld()
        for machine in world.machines { machine.stampSkew += 700_000 }
        let numbers = (0..<5).compactMap { world[2].ask(.set("v\($0)"), key: "k") }
        world.run(for: .milliseconds(500))
        for number in numbers { #expect(world.history.calls[number].reply == .outcome(.set(isApplied: true, previous: nil))) }
        #expect(world[3].answer(.get, key: "k") == .outcome(.value([UInt8]("v4".utf8))))
        finish(world)
    }

    @Test func whatMayHaveHappenedBeforeASessionExpiredIsIndeterminate() throws {
        let world = try makeWorld()
        world.network.isLost = { message, _, _ in if case .outcome = message { true } else { false } }
        world[2].tableDelay = 3_000_000...3_000_000
        let number = try #require(world[2].ask(.increment(by: 1), key: "c"))
        world.run(for: .milliseconds(300))
        for machine in world.machines { machine.stampSkew += 700_000 }
        world.run(for: .milliseconds(1_500))
        world.network.isLost = { _, _, _ in false }
        world[2].tableDelay = 20...600
        #expect(world.run { world.history.calls[number].reply != nil })
        #expect(world.history.calls[number].isIndeterminate)
        finish(world)
    }

    @Test func whatWasHandedOverBeforeTheCommandThatFindsItsSessionLostIsIndeterminate() throws {
        let world = try makeWorld()
        world.network.isLost = { message, _, _ in if case .outcome = message { true } else { false } }
        world[2].tableDelay = 3_000_000...3_000_000
        let former = try #require(world[2].ask(.increment(by: 1), key: "c"))
        world.run(for: .milliseconds(300))
        for machine in world.machines { machine.stampSkew += 700_000 }
        world.network.isLost = { _, _, _ in false }
        let latter = try #require(world[2].ask(.increment(by: 1), key: "c"))
        #expect(world.run { world.history.calls[latter].reply != nil })
        #expect(world.history.calls[latter].reply == .outcome(.integer(2)))
        #expect(world.history.calls[former].isIndeterminate)
        world[2].tableDelay = 20...600
        finish(world)
    }

    @Test func whatWasHandedOverAndNeverAnsweredIsIndeterminate() throws {
        let world = try makeWorld()
        world.network.isolate(NodeID(rawValue: 1))
        let number = try #require(world[1].ask(.increment(by: 1), key: "c"))
        #expect(world.run { world.history.calls[number].reply != nil })
        #expect(world.leader?.node != NodeID(rawValue: 1))
        #expect(world.history.calls[number].isIndeterminate)
        world.network.heal()
        finish(world)
    }

    @Test func pipelinedWritesKeepTheirOrderOverAHandover() throws {
        let world = try makeWorld()
        var last = ""
        for burst in 0..<6 {
            for place in 0..<20 {
                last = "v\(burst).\(place)"
                world[2].ask(.set(last), key: "k")
            }
            world.run(for: .milliseconds(2))
            if burst % 2 == 0, let life = world.leader?.life { life.server.handOver {} }
        }
        #expect(world.run { world.history.unanswered.isEmpty })
        #expect(world.history.calls.allSatisfy { $0.reply == .outcome(.set(isApplied: true, previous: nil)) })
        #expect(world[3].answer(.get, key: "k") == .outcome(.value([UInt8](last.utf8))))
        finish(world)
    }

    @Test func anAnswerToAnEarlierLifeIsNotTakenForANewOne() throws {
        let world = try makeWorld(reads: .quorum)
        #expect(world[1].answer(.set("wrong"), key: "other") == .outcome(.set(isApplied: true, previous: nil)))
        world[1].tableDelay = 300_000...300_000
        world[3].ask(.get, key: "other")
        world.run(for: .milliseconds(50))
        world[3].crash()
        world[3].start()
        #expect(world[3].answer(.get, key: "k") == .outcome(.value(nil)))
        finish(world)
    }
}

extension ClientCall {
    fileprivate var isIndeterminate: Bool { if case .failed(.indeterminate)? = reply { true } else { false } }
}

extension Entry.Content {
    fileprivate var isIncrement: Bool {
        if case .command(let bytes) = self { bytes.count > 1 && bytes[1] == 6 } else { false }
    }
}
