import Paxos

extension Scenario {
    var members: [NodeID] { (1...UInt16(Self.nodeCount)).map { NodeID(rawValue: $0) } }

    var genesis: Configuration {
        Configuration(number: 1, members: members.map { Configuration.Member(node: $0, incarnation: incarnation(of: $0)) })
    }

    private func incarnation(of node: NodeID) -> Incarnation { Incarnation(rawValue: UInt64(node.rawValue)) }

    func life(_ boot: Int, of node: Int) -> Party {
        Party(node: members[node], incarnation: incarnation(of: members[node]), boot: Boot(rawValue: UInt64(boot)))
    }

    func introduction(of other: Party, to party: Party) -> Envelope {
        let word = Introduction(stage: .born, members: genesis.members, wantsAnswer: false)
        return Envelope(from: other, to: party, configuration: 1, message: .introduction(word))
    }

    /// Replicas of a group that has just been born, each of which knows the others' lives.
    func firstStates() -> [ReplicaState] {
        members.indices.map { node in
            let party = life(1, of: node)
            var group = Group(
                state: DurableLedger().state(of: party, genesis: genesis), appliedUpTo: .none, firstMembers: members,
                preferredLeader: nil, settings: settings, at: .zero)
            for other in members.indices where other != node {
                _ = group.step(.received(introduction(of: life(1, of: other), to: party)), at: .zero)
            }
            return ReplicaState(group: group)
        }
    }
}
