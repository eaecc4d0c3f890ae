import Paxos

/// Breadth first over everything that a scenario allows: the first violation met is at the end of a shortest way to one.
package final class Exploration {
    package let scenario: Scenario
    let tables: [ReplicaTable]
    var vocabulary = Vocabulary()
    private(set) var reached = StateSet()
    package private(set) var transitions = 0
    package private(set) var depth = 0
    /// The state whose successors are being made, and the step that is being carried out: asked for where an invariant traps.
    private(set) var current = 0
    private(set) var underWay: (node: Int, event: Event)?
    /// By who introduces which life to which: the message's place in the inbox.
    private var introductions: [[Int]: Int32] = [:]
    /// What happened before the first state.
    var opening: [Step] = []
    /// Whom nothing reaches any more.
    var deaf: [Int] = []

    package enum Outcome {
        case complete
        case notComplete(String)
        case violated(Counterexample)
    }

    package var stateCount: Int { reached.count }
    package var replicaStateCounts: [Int] { tables.map(\.states.count) }
    package var messageCount: Int { vocabulary.messages.count }

    package init(_ scenario: Scenario) {
        self.scenario = scenario
        tables = (0..<Scenario.nodeCount).map { _ in ReplicaTable(times: scenario.times.count) }
    }

    /// - Parameter progress: called now and then.
    package func run(statesMax: Int, progress: (Exploration) -> Void) -> Outcome {
        do {
            _ = reached.insert(try firstState(), reachedFrom: 0)
            var end = 1
            while current < reached.count {
                if current == end {
                    depth += 1
                    end = reached.count
                }
                if reached.count > statesMax { return .notComplete("more than \(statesMax) states") }
                try expand(current)
                current += 1
                if current & 0xFFFF == 0 { progress(self) }
            }
            return .complete
        } catch let found as Found {
            return .violated(Counterexample(self, endingWith: found))
        } catch let limit as LimitReached {
            return .notComplete("too many \(limit.what)")
        } catch {
            return .notComplete("\(error)")
        }
    }

    /// A property does not hold after this event in the state `current`, or in that state itself.
    struct Found: Error {
        let step: Step?
        let violation: Violation
    }

    struct Step {
        /// Nil where time passes.
        let node: Int?
        let event: Event
        /// What it leads to; nil where a property did not hold on the way.
        let state: WorldState?
    }

    private func expand(_ index: Int) throws {
        let world = reached[index]
        try forEachSuccessor(of: world) { step in
            transitions += 1
            guard let state = step.state, reached.insert(state, reachedFrom: index), let node = step.node else { return }
            let (before, after) = (tables[node].summaries[world[node]], tables[node].summaries[state[node]])
            guard after.differsInWhatIsJudged(from: before) else { return }
            do throws(Violation) {
                let properties = properties(of: state)
                try properties.check(vocabulary)
                try properties.check(proposals: after.proposed & ~before.proposed, of: node, vocabulary)
            } catch {
                throw Found(step: step, violation: error)
            }
        }
    }

    func properties(of world: WorldState) -> Properties {
        Properties(
            first: tables[0].summaries[world[0]], second: tables[1].summaries[world[1]], third: tables[2].summaries[world[2]])
    }

    /// Steps that change nothing are left out.
    func forEachSuccessor(of world: WorldState, _ body: (Step) throws -> Void) throws {
        let time = world.time
        for node in 0..<Scenario.nodeCount {
            let number = world[node]
            let table = tables[node]
            func visit(_ event: Event, _ successor: Int) throws {
                guard successor != number else { return }
                var state = world
                state[node] = successor
                if scenario.restartsAreKnown, case .restart = event { try introduce(node, in: &state) }
                try body(Step(node: node, event: event, state: state))
            }
            for successor in try ownSuccessors(of: number, node, time) {
                if case .restart = successor.event, restarts(in: world) >= scenario.restartsInAllMax { continue }
                try visit(successor.event, successor.number)
            }
            for sender in 0..<Scenario.nodeCount where sender != node {
                for place in tables[sender].sent(world[sender], to: node) {
                    var successor = table.successor(of: number, time: time, receiving: place)
                    if successor == ReplicaTable.unknown { successor = Int32(try receive(place, number, node, time)) }
                    if Int(successor) != number { try visit(.receive(Int(vocabulary.inboxes[node][Int(place)])), Int(successor)) }
                }
            }
            if tables[node].summaries[number].mayRead {
                let required = (0..<Scenario.nodeCount).reduce(0) { max($0, tables[$1].summaries[world[$1]].applied) }
                try visit(.readBegins(required: required), try read(required, number, node, time))
            }
        }
        if time + 1 < scenario.times.count { try body(Step(node: nil, event: .timeOut, state: world.at(time: time + 1))) }
    }

    private func introduce(_ node: Int, in world: inout WorldState) throws {
        for other in 0..<Scenario.nodeCount where other != node {
            let lives = [node, other].map { tables[$0].summaries[world[$0]].restarts + 1 }
            let place = introductions[[node, other] + lives] ?? introduction(from: node, to: other, lives)
            let known = tables[other].successor(of: world[other], time: world.time, receiving: place)
            world[other] = known != ReplicaTable.unknown ? Int(known) : try receive(place, world[other], other, world.time)
        }
    }

    private func introduction(from node: Int, to other: Int, _ lives: [Int]) -> Int32 {
        let message = scenario.introduction(of: scenario.life(lives[0], of: node), to: scenario.life(lives[1], of: other))
        let number = vocabulary.number(of: message)
        let place = vocabulary.places[Int(number)]
        introductions[[node, other] + lives] = place
        return place
    }

    private func restarts(in world: WorldState) -> Int {
        (0..<Scenario.nodeCount).reduce(0) { $0 + tables[$1].summaries[world[$1]].restarts }
    }
}

// MARK: One replica's steps, each carried out once

extension Exploration {
    func receive(_ place: Int32, _ number: Int, _ node: Int, _ time: Int) throws -> Int {
        let event = Event.receive(Int(vocabulary.inboxes[node][Int(place)]))
        let successor = try carryOut(event, number, node, time)
        tables[node].setSuccessor(
            successor, of: number, time: time, receiving: place, inboxCount: vocabulary.inboxes[node].count)
        return successor
    }

    private func read(_ required: Int, _ number: Int, _ node: Int, _ time: Int) throws -> Int {
        if let known = tables[node].readSuccessor(of: number, time: time, required: required) { return Int(known) }
        let successor = try carryOut(.readBegins(required: required), number, node, time)
        tables[node].setReadSuccessor(successor, of: number, time: time, required: required)
        return successor
    }

    func ownSuccessors(of number: Int, _ node: Int, _ time: Int) throws -> [ReplicaTable.Successor] {
        if let known = tables[node].successors(of: number, time: time) { return known }
        var successors: [ReplicaTable.Successor] = []
        for event in scenario.events(of: tables[node].states[number], node) {
            let successor = try carryOut(event, number, node, time)
            if successor != number { successors.append(ReplicaTable.Successor(event: event, number: successor)) }
        }
        tables[node].setSuccessors(successors, of: number, time: time)
        return successors
    }

    func carryOut(_ event: Event, _ number: Int, _ node: Int, _ time: Int) throws -> Int {
        underWay = (node, event)
        do {
            let turn = try self.turn(event, tables[node].states[number], time)
            let state = try remember(turn, event)
            underWay = nil
            return try tables[node].number(of: state, scenario, vocabulary)
        } catch let violation as Violation {
            throw Found(step: Step(node: node, event: event, state: nil), violation: violation)
        }
    }

    func turn(_ event: Event, _ state: ReplicaState, _ time: Int) throws(Violation) -> Turn {
        var turn = Turn(state, scenario, time: scenario.times.lowerBound + time)
        if case .receive(let message) = event {
            try turn.carryOut(event, message: vocabulary.messages[message])
        } else {
            try turn.carryOut(event)
        }
        return turn
    }
}
