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

    package func isVoter(_ node: NodeID) -> Bool { member(node)?.isVoter ?? false }
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
