import Paxos

/// A shortest way to a state, event by event, for people to read.
package struct Counterexample {
    package let property: String
    package let lines: [String]
    /// Events after the opening.
    package let eventCount: Int

    init(_ exploration: Exploration, endingWith found: Exploration.Found) {
        property = found.violation.property
        eventCount = exploration.eventCount(endingWith: found.step)
        lines = exploration.story(endingWith: found.step)
    }
}

extension Exploration {
    /// The way to the step that is being carried out: for an invariant that traps.
    package var storySoFar: [String] {
        story(endingWith: underWay.map { Step(node: $0.node, event: $0.event, state: nil) })
    }

    fileprivate func eventCount(endingWith last: Step?) -> Int {
        guard stateCount > 0 else { return 0 }
        return reached.path(to: current).count - 1 + (last == nil ? 0 : 1)
    }

    func story(endingWith last: Step?) -> [String] {
        var lines = opening.map { step in "     \(describe(step, in: step.state))" }
        if !lines.isEmpty { lines.insert("first, once:", at: 0) }
        if !lines.isEmpty, stateCount > 0 { lines.append("then:") }
        guard stateCount > 0 else { return lines }
        var steps: [(Step, WorldState)] = []
        let path = reached.path(to: current)
        for (from, to) in zip(path, path.dropFirst()) {
            if let step = step(from: reached[from], to: reached[to]) { steps.append((step, reached[from])) }
        }
        if let last { steps.append((last, reached[current])) }
        var chosen = vocabulary.values(of: properties(of: reached[0]).chosenVotes)
        if chosen != 0 { lines.append("     (chosen: \(text(ofValues: chosen)))") }
        for (index, (step, world)) in steps.enumerated() {
            var line = "\(padded(index + 1)). \(describe(step, in: world))"
            if let after = step.state {
                let now = vocabulary.values(of: properties(of: after).chosenVotes)
                if now & ~chosen != 0 { line += "; now chosen: \(text(ofValues: now & ~chosen))" }
                chosen = now
            }
            lines.append(line)
        }
        let end = steps.last.flatMap { $0.0.state } ?? reached[current]
        lines.append(steps.last?.0.state == nil ? "before the last event:" : "in the end:")
        for node in 0..<Scenario.nodeCount { lines.append("     " + stand(tables[node].states[end[node]], node)) }
        return lines
    }

    private func padded(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: " ", count: max(0, 4 - digits.count)) + digits
    }

    private func step(from: WorldState, to: WorldState) -> Step? {
        var found: Step?
        // Everything was carried out before; nothing is thrown here.
        try? forEachSuccessor(of: from) { step in
            if found == nil, step.state == to { found = step }
        }
        return found
    }

    private func describe(_ step: Step, in world: WorldState?) -> String {
        guard let node = step.node, let world else { return "time passes" }
        let before = tables[node].states[world[node]]
        var parts: [String] = []
        var text = "n\(node + 1) \(step.event.text(vocabulary))"
        let isTrapping = underWay?.node == node && underWay?.event == step.event && step.state == nil
        guard !isTrapping, let turn = try? turn(step.event, before, world.time) else { return text }
        for write in turn.synced { parts.append("durable: \(write.text)") }
        if !turn.applied.isEmpty { parts.append("applies up to \(turn.state.handed)") }
        if turn.state.group.leads != before.group.leads {
            parts.append(turn.state.group.leads.map { "leads at \($0)" } ?? "leads no more")
        }
        if turn.state.pending.count > before.pending.count, let write = turn.state.pending.last { parts.append("writes \(write.text)") }
        parts += sent(turn)
        if let read = turn.served {
            parts.append("answers the read with slot \(read.seen ?? .none), \(read.required) being required")
        }
        if !parts.isEmpty { text += ": " + parts.joined(separator: "; ") }
        return text
    }

    private func sent(_ turn: Turn) -> [String] {
        var said: [(text: String, to: [String])] = []
        for envelope in turn.envelopes {
            let text = envelope.message.text
            let receiver = "\(envelope.to.node)"
            if let index = said.firstIndex(where: { $0.text == text }) {
                said[index].to.append(receiver)
            } else {
                said.append((text, [receiver]))
            }
        }
        return said.map { "sends \($0.text) to \($0.to.joined(separator: ", "))" }
    }

    private func text(ofValues set: UInt64) -> String {
        Bits(set).map { "slot \(vocabulary.values[$0].slot) = \(vocabulary.values[$0].content.text)" }.joined(separator: ", ")
    }

    private func stand(_ state: ReplicaState, _ node: Int) -> String {
        let rows = state.ledger.rows.map(\.text).joined(separator: ", ")
        let waiting = state.pending.map(\.text).joined(separator: "; ")
        return "n\(node + 1)\(state.group.leads.map { " leads at \($0)," } ?? "") durable: promise \(state.ledger.promise), "
            + "chosen up to \(state.ledger.chosenUpTo), log [\(rows)]; "
            + "believes chosen up to \(state.group.chosenUpTo)" + (waiting.isEmpty ? "" : "; not synced: \(waiting)")
    }
}
