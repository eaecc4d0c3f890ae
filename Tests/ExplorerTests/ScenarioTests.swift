import Explorer
import Testing

@Suite("Everything that can happen to a small group")
struct ScenarioTests {
    @Test(arguments: [Scenario.oneLeader, Scenario.recovery])
    func everyStateKeepsTheProperties(scenario: Scenario) {
        let exploration = Exploration(scenario)
        switch exploration.run(statesMax: 1 << 20, progress: { _ in }) {
        case .complete: break
        case .notComplete(let reason): Issue.record("\(scenario.name) is not complete: \(reason)")
        case .violated(let example):
            Issue.record("\(scenario.name): \(example.property)\n\(example.lines.joined(separator: "\n"))")
        }
        #expect(exploration.stateCount > 1000 && exploration.depth > 15)
    }

    @Test func oneScenarioIsOneExploration() {
        let first = Exploration(.oneLeader)
        let second = Exploration(.oneLeader)
        _ = first.run(statesMax: 1 << 20) { _ in }
        _ = second.run(statesMax: 1 << 20) { _ in }
        #expect(first.stateCount == second.stateCount && first.transitions == second.transitions && first.depth == second.depth)
        #expect(first.replicaStateCounts == second.replicaStateCounts)
    }

    @Test func whatIsLeftOutIsSaid() {
        guard case .notComplete = Exploration(.oneLeader).run(statesMax: 100, progress: { _ in }) else {
            Issue.record("a hundred states are not all")
            return
        }
    }

    @Test func aLeaseThatOutlastsItsGrantsIsFoundOutInTheFewestEvents() throws {
        guard case .violated(let example) = Exploration(.shortGrants).run(statesMax: 1 << 20, progress: { _ in }) else {
            Issue.record("a stale read is not found")
            return
        }
        #expect(example.property.hasPrefix("a read sees the table at slot 1, and slot 2"))
        #expect(example.lines.contains { $0.contains("time passes") })
        #expect(example.eventCount == 10)
    }

    @Test func namesAreFoundAndDifferent() {
        #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
        #expect(Scenario.all.allSatisfy { Scenario.named($0.name)?.name == $0.name })
        #expect(Scenario.named("no such thing") == nil)
    }
}
