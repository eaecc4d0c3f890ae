import Paxos

extension Scenario {
    /// What may happen to a replica without a message or a reader coming to it.
    func events(of state: ReplicaState, _ node: Int) -> [Event] {
        var events: [Event] = []
        if !state.pending.isEmpty {
            let fewest = disks[node] == .slowInParts ? 1 : state.pending.count
            events += (fewest...state.pending.count).map { Event.sync($0) }
        }
        if state.handed > state.table { events.append(.apply) }
        if !state.ledgerReads.isEmpty { events.append(.ledgerRead) }
        if let read = state.read, read.seen != nil, !read.isConfirming { events.append(.tableAnswers) }
        if state.group.leads != nil {
            if Int(state.heartbeats) < heartbeatsMax[node] { events.append(.heartbeat) }
            if Int(state.commands) < commandsMax[node], state.group.proposalRoom > 0 { events.append(.command) }
            if Int(state.handovers) < handoversMax[node], !state.group.isHandingOver { events.append(.handover) }
        } else if Int(state.timeOuts) < timeOutsMax[node] {
            events.append(.timeOut)
        }
        if state.restarts < restartsMax[node] { events += restarts(of: state, node) }
        return events
    }

    private func restarts(of state: ReplicaState, _ node: Int) -> [Event] {
        var events: [Event] = []
        let counts = disks[node] == .slowInParts ? Array(0...state.pending.count) : state.pending.isEmpty ? [0] : [0, state.pending.count]
        for kept in counts {
            events.append(.restart(kept: kept, keepsTable: true))
            if state.table > state.ledger.chosenUpTo { events.append(.restart(kept: kept, keepsTable: false)) }
        }
        return events
    }
}
