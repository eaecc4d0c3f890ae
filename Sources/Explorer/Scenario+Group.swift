import Paxos

extension Scenario {
    var members: [NodeID] { (1...UInt16(Self.nodeCount)).map { NodeID(rawValue: $0) } }

    var genesis: Configuration {
        Configuration(number: 1, members: members.map { Configuration.Member(node: $0, incarnation: incarnation(of: $0)) })
    }

    private func incarnation(of node: NodeID) -> Incarnation { Incarnation(rawValue: UInt64(node.rawValue)) }

    /// Replicas of a group that has just been born, each of which knows the others' lives.
    func firstStates() throws -> [ReplicaState] {
        let parties = members.map { Party(node: $0, incarnation: incarnation(of: $0), boot: Boot(rawValue: 1)) }
        return try parties.map { party in
            let group = Group(
                state: DurableLedger().state(of: party, genesis: genesis), appliedUpTo: .none, firstMembers: members,
                preferredLeader: nil, settings: settings, at: .zero)
            var turn = Turn(ReplicaState(group: group), self, time: 0)
            for other in parties where other != party {
                let word = Introduction(stage: .born, members: genesis.members, wantsAnswer: false)
                try turn.carryOut(
                    .receive(0), message: Envelope(from: other, to: party, configuration: 1, message: .introduction(word)))
            }
            return turn.state
        }
    }
}
