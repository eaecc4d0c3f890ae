/// What the outside may ask of a group at any time.
extension Group {
    /// The ballot under which this replica leads; nil where it does not.
    package var leads: Ballot? { leadership?.ballot }

    /// The leader as far as this replica knows.
    package var leader: NodeID? { leadership != nil ? identity.node : silence.leader }

    /// This leader has proposed what is not known to be chosen.
    package var hasOpenProposals: Bool { leadership.map { chosenUpTo < $0.last } ?? false }

    /// All but one of a quorum have acknowledged what is not known to be chosen.
    var choosesWithOwnWrite: Bool {
        guard let leadership else { return false }
        let configuration = configurations.governing(chosenUpTo.next)
        let count = leadership.progress.count { $0.acknowledged > chosenUpTo && configuration.isVoter($0.life) }
        return count >= configuration.quorum - 1
    }

    package var isHandingOver: Bool { leadership?.transfer != nil }

    /// The last slot that anything stands in.
    package var lastSlot: Slot { max(log.last, chosenUpTo) }

    package var configuration: Configuration? { configurations.newest }

    /// A configuration is chosen that does not govern all open slots yet.
    package var isConfigurationPending: Bool { configurations.open(above: chosenUpTo).count > 1 }

    package var load: GroupLoad {
        GroupLoad(
            unapplied: unappliedCount, open: chosenUpTo.distance(to: lastSlot),
            retained: max(0, log.start.distance(to: appliedUpTo.next)),
            logEntries: log.count, logBytes: log.byteCount, unproven: leadership.map { chosenUpTo.distance(to: $0.last) } ?? 0,
            earlyRuns: acceptance.early.count, earlyBytes: acceptance.earlyBytes,
            flightBytes: leadership?.progress.map(\.flightBytes).max() ?? 0, vows: vows.count)
    }

    /// As the leader knows the others; empty elsewhere.
    package var peerProgress: [PeerProgress] {
        leadership?.progress.map {
            PeerProgress(
                node: $0.node, incarnation: $0.life.incarnation, acknowledged: $0.acknowledged, appliedUpTo: $0.appliedUpTo,
                repliedAt: $0.repliedAt,
                hasRoom: $0.hasRoom)
        } ?? []
    }
}

/// What a group keeps in memory: each has a bound in its settings.
package struct GroupLoad: Hashable, Sendable {
    /// Slots that are known to be chosen and not applied.
    package let unapplied: Int
    /// Slots behind them that stand in the log.
    package let open: Int
    /// Applied entries that are still in memory.
    package let retained: Int
    package let logEntries: Int
    package let logBytes: Int
    /// Slots that this leader has proposed and that are not known to be chosen.
    package let unproven: Int
    /// Runs that came before their turn.
    package let earlyRuns: Int
    package let earlyBytes: Int
    /// Unacknowledged, on the way to the peer to which it is most.
    package let flightBytes: Int
    /// What will be said once a write is synced.
    package let vows: Int
}

package struct PeerProgress: Hashable, Sendable {
    package let node: NodeID
    package let incarnation: Incarnation
    package let acknowledged: Slot
    package let appliedUpTo: Slot
    package let repliedAt: Instant?
    package let hasRoom: Bool
}
