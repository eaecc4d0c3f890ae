/// What the outside may ask of a group at any time.
extension Group {
    /// The ballot under which this replica leads; nil where it does not.
    package var leads: Ballot? { leadership?.ballot }

    /// The leader as far as this replica knows.
    package var leader: NodeID? { leadership != nil ? identity.node : silence.leader }

    package var isHandingOver: Bool { leadership?.transfer != nil }

    /// The last slot that anything stands in.
    package var lastSlot: Slot { max(log.last, chosenUpTo) }

    package var configuration: Configuration? { configurations.newest }

    /// As the leader knows the others; empty elsewhere.
    package var peerProgress: [PeerProgress] {
        leadership?.progress.map {
            PeerProgress(node: $0.node, acknowledged: $0.acknowledged, appliedUpTo: $0.appliedUpTo, repliedAt: $0.repliedAt)
        } ?? []
    }
}

package struct PeerProgress: Hashable, Sendable {
    package let node: NodeID
    package let acknowledged: Slot
    package let appliedUpTo: Slot
    package let repliedAt: Instant?
}
