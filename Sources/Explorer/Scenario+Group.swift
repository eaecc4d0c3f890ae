import Paxos

extension Scenario {
    var members: [NodeID] { (1...UInt16(Self.nodeCount)).map { NodeID(rawValue: $0) } }

    var genesis: Configuration {
        Configuration(number: 1, members: members.map { Configuration.Member(node: $0, incarnation: incarnation(of: $0)) })
    }

    private func incarnation(of node: NodeID) -> Incarnation { Incarnation(rawValue: UInt64(node.rawValue)) }

    private func firstLife(of node: NodeID) -> Party {
        Party(node: node, incarnation: incarnation(of: node), boot: Boot(rawValue: 1))
    }

    func introduction(of node: Int, to party: Party) -> Envelope { introduction(of: firstLife(of: members[node]), to: party) }

    func introduction(of other: Party, to party: Party) -> Envelope {
        let word = Introduction(stage: .born, members: genesis.members, wantsAnswer: false)
        return Envelope(from: other, to: party, configuration: 1, message: .introduction(word))
    }

    /// Replicas of a group that has just been born, each of which knows the others' lives.
    func firstStates() -> [ReplicaState] {
        members.map { node in
            let party = firstLife(of: node)
            var group = Group(
                state: DurableLedger().state(of: party, genesis: genesis), appliedUpTo: .none, firstMembers: members,
                preferredLeader: nil, settings: settings, at: .zero)
            for other in members.indices where members[other] != node {
                _ = group.step(.received(introduction(of: other, to: party)), at: .zero)
            }
            return ReplicaState(group: group)
        }
    }
}
