/// The times and bounds that a group lives by. Leases are counted on `CLOCK_BOOTTIME`.
package struct Settings: Hashable, Sendable {
    /// A leader's sign of life. Several fit into a lease, so that one may be lost.
    package var heartbeatInterval = Span.milliseconds(50)
    /// How long a heartbeat's grants let the leader answer reads alone. A restarted replica waits it out in any case.
    package var lease = Span.milliseconds(300)
    /// False: no leases are asked for, and every read asks a quorum.
    package var leasedReads = true
    /// How much faster or slower than true time a clock may run, in parts per thousand.
    package var clockDriftPerMille: Int64 = 10
    /// Added at random, up to this, to a follower's patience, so that two rarely stand at once.
    package var electionJitter = Span.milliseconds(80)
    /// How long a candidate waits for a quorum before it starts anew under a higher ballot.
    package var candidacyTimeout = Span.milliseconds(400)
    /// A leader whose ledger has not synced, or whose table has not applied, for so long steps down.
    package var stallLimit = Span.milliseconds(1000)
    /// How long the preferred leader must have kept up before leadership moves to it.
    package var handoverSteadiness = Span.milliseconds(1000)
    /// How long a leader stops taking commands for a handover before it calls it off.
    package var handoverTimeout = Span.milliseconds(500)
    package var introductionInterval = Span.milliseconds(100)
    package var fetchTimeout = Span.milliseconds(300)
    /// How long a newly chosen index may wait for a write to ride along with.
    package var chosenPersistDelay = Span.milliseconds(1000)
    /// While acceptances are written, the chosen index in the ledger lags by less than so many slots, and for no longer than this: what a
    /// restart has to have chosen again.
    package var chosenLagSlotsMax = 512
    package var chosenLagMax = Span.milliseconds(100)

    /// α: slot *s* is governed by the configuration chosen at or below *s − α*. Fixed at genesis; also bounds the slots in flight.
    package var alpha = 4096
    /// At most so many bytes of entries in one message, unless a single entry is larger.
    package var messageBytesMax = 1 << 20
    /// At most so many bytes of unacknowledged entries on the way to one peer.
    package var flightBytesMax = 8 << 20
    /// Applied entries kept in memory for followers a little behind.
    package var retainedEntriesMax = 4096
    package var retainedBytesMax = 4 << 20
    /// A leader takes no commands while its log in memory holds more: what a next one may have to recover has to pass a connection.
    package var heldBytesMax = 32 << 20
    /// Handed over for applying and not applied yet, at most.
    package var applyingEntriesMax = 4096

    /// No-operations that a leader proposes in one tick, so that a configuration governs soon.
    package var fillingEntriesMax = 512

    package init() {}

    /// How long a granter keeps its word, so that no two clocks within the drift bound disagree:
    /// the holder's span, stretched by a slow holder and a fast granter.
    package func grantSpan(for lease: Span) -> Span {
        Span(nanoseconds: lease.nanoseconds * (1000 + clockDriftPerMille) / (1000 - clockDriftPerMille) + 1)
    }

    /// How long a follower hears nothing before it thinks of standing: until its own grant is over.
    package var patience: Span { grantSpan(for: lease) }
}
