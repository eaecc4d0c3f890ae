import Paxos

/// What a scenario begins with.
extension Exploration {
    func firstState() throws -> WorldState {
        var numbers: [Int] = []
        for (node, state) in scenario.firstStates().enumerated() {
            numbers.append(try tables[node].number(of: state, scenario, vocabulary))
        }
        var world = WorldState((numbers[0], numbers[1], numbers[2]), time: 0)
        for event in scenario.opening {
            switch event {
            case .happens(let event, let node): try happen(event, node, &world)
            case .stand(let candidates): try stand(candidates, &world)
            case .settle(let nodes): try settle(nodes, &world)
            case .loseAll: try change(&world) { state, _ in state.sent = [] }
            case .loseProposals:
                try change(&world) { state, vocabulary in
                    state.sent.removeAll { !vocabulary.messages[Int($0)].message.standsOrKeepsLease }
                }
            case .losePreVotes:
                try change(&world) { state, vocabulary in
                    state.sent.removeAll { vocabulary.messages[Int($0)].message.isOfPreVote }
                }
            case .timePasses: world = world.at(time: world.time + 1)
            case .budgetsRefill: try change(&world) { state, _ in state.refill() }
            }
        }
        deaf = scenario.deaf
        try change(&world) { state, vocabulary in
            state.sent.removeAll { scenario.deaf.contains(Int(vocabulary.messages[Int($0)].to.node.rawValue) - 1) }
        }
        return world
    }

    private func change(_ world: inout WorldState, _ body: (inout ReplicaState, Vocabulary) -> Void) throws {
        for node in 0..<Scenario.nodeCount {
            var state = tables[node].states[world[node]]
            body(&state, vocabulary)
            world[node] = try tables[node].number(of: state, scenario, vocabulary)
        }
    }

    private func happen(_ event: Event, _ node: Int, _ world: inout WorldState) throws {
        let before = world
        opening.append(Step(node: node, event: event, state: before))
        world[node] = try carryOut(event, world[node], node, world.time)
        if world == before { opening.removeLast() }
    }

    private func stand(_ candidates: [Int], _ world: inout WorldState) throws {
        guard let voter = (0..<Scenario.nodeCount).last(where: { !scenario.deaf.contains($0) && !candidates.contains($0) }) else { return }
        for candidate in candidates { try happen(.timeOut, candidate, &world) }
        for candidate in candidates {
            for (sender, receiver) in [(candidate, voter), (voter, candidate)] {
                for place in tables[sender].sent(world[sender], to: receiver) {
                    try happen(.receive(Int(vocabulary.inboxes[receiver][Int(place)])), receiver, &world)
                }
            }
        }
    }

    private func settle(_ nodes: [Int], _ world: inout WorldState) throws {
        var heard: Set<Int32> = []
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            for node in nodes {
                while let event = scenario.chores(of: tables[node].states[world[node]]) { try happen(event, node, &world) }
                for sender in nodes where sender != node {
                    for message in tables[sender].states[world[sender]].sent
                    where Int(vocabulary.messages[Int(message)].to.node.rawValue) - 1 == node && !heard.contains(message) {
                        heard.insert(message)
                        isQuiet = false
                        try happen(.receive(Int(message)), node, &world)
                    }
                }
            }
        }
    }
}

extension Scenario {
    /// What a replica does by itself.
    fileprivate func chores(of state: ReplicaState) -> Event? {
        if !state.pending.isEmpty { return .sync(state.pending.count) }
        if state.handed > state.table { return .apply }
        return state.ledgerReads.isEmpty ? nil : .ledgerRead
    }
}

extension Message {
    fileprivate var standsOrKeepsLease: Bool {
        switch self {
        case .prepare, .heartbeat, .heartbeatReply: true
        default: false
        }
    }

    fileprivate var isOfPreVote: Bool {
        switch self {
        case .preVote, .preVoteReply: true
        default: false
        }
    }
}
