/// Who votes: itself an entry of the log. The configuration chosen at slot *c* governs the slots from *c + α* on
/// (Lamport, Paxos Made Simple §3; Reconfiguring a State Machine §2.3), until the next one does.
package struct Configuration: Hashable, Sendable {
    /// 1 at genesis, then one more with each change.
    package let number: UInt64
    /// In ascending order of node, each once.
    package let members: [Member]

    package struct Member: Hashable, Sendable {
        package let node: NodeID
        /// The only life of that node's directory that may vote.
        package let incarnation: Incarnation
        /// A learner is sent everything and votes for nothing.
        package let isVoter: Bool

        package init(node: NodeID, incarnation: Incarnation, isVoter: Bool = true) {
            self.node = node
            self.incarnation = incarnation
            self.isVoter = isVoter
        }

        package var life: Life { Life(node: node, incarnation: incarnation) }
    }

    package init(number: UInt64, members: [Member]) {
        invariant(
            zip(members, members.dropFirst()).allSatisfy { $0.node < $1.node }, "a configuration names each member once, in ascending order"
        )
        self.number = number
        self.members = members
    }

    package var voterCount: Int { members.reduce(0) { $1.isVoter ? $0 + 1 : $0 } }

    /// Any two quorums of one configuration share a voter.
    package var quorum: Int { voterCount / 2 + 1 }

    package func member(_ node: NodeID) -> Member? { members.first { $0.node == node } }

    /// Another life of a member's node has no vote: it has promised and accepted nothing of what the member has.
    package func isVoter(_ life: Life) -> Bool { members.contains { $0.life == life && $0.isVoter } }

    package func names(_ life: Life) -> Bool { members.contains { $0.life == life } }
}

/// One life of a node's directory: what votes, whatever the process that speaks for it.
package struct Life: Hashable, Sendable {
    package let node: NodeID
    package let incarnation: Incarnation

    package init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }
}

/// A configuration and the slot at which it was chosen (0 for genesis).
package struct ChosenConfiguration: Hashable, Sendable {
    package let slot: Slot
    package let configuration: Configuration

    package init(slot: Slot, configuration: Configuration) {
        self.slot = slot
        self.configuration = configuration
    }
}
