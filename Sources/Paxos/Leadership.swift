/// What a leader keeps in mind under its ballot.
struct Leadership: Hashable, Sendable {
    let ballot: Ballot
    let since: Instant
    /// The first slot proposed under this ballot.
    let first: Slot
    /// The leader's own first entry, behind everything that phase 1 reported: once it is applied, reads may be answered.
    /// Nil where phase 1 reported more than α slots: then this ballot recovers the first α, and a further one the rest.
    let ownEntry: Slot?
    /// The last slot proposed.
    var last: Slot
    /// The stamp of `last`.
    var lastStamp: Stamp
    var isReady = false
    var progress: [Progress]
    var nextHeartbeat: Instant
    /// When a heartbeat last left.
    var heartbeatAt: Instant
    var transfer: Transfer?
    /// No handover before; pushed back when one was called off.
    var transferNotBefore: Instant

    struct Transfer: Hashable, Sendable {
        let target: NodeID
        let deadline: Instant
    }

    /// How far one peer has come.
    struct Progress: Hashable, Sendable {
        /// A life that follows on it has acknowledged nothing: its progress is another.
        let life: Life
        /// Acknowledged under this ballot.
        var acknowledged: Slot
        /// The next slot to send.
        var next: Slot
        var flightBytes = 0
        var sentAt: Instant
        /// The newest `sentAt` of ours that came back.
        var echoed: Instant?
        var repliedAt: Instant?
        /// Acknowledged as of the last reply that could have seen everything sent; twice the same means loss.
        var seenAcknowledged: Slot?
        /// The peer said that it lacks what follows, and it was sent again.
        var gapFilledAfter: Slot?
        /// Since when the peer has kept up: it had applied each `mark`, which is what the leader had applied at `markedAt`, by the next.
        var currentSince: Instant?
        var mark = Slot.none
        var markedAt = Instant.zero
        var appliedUpTo = Slot.none
        /// Whether its disk had room for more than its reserve.
        var hasRoom = true
        /// The peer's newest probe, and the life of the peer whose clock it is on.
        var probe: Instant?
        var probeBoot = Boot.unknown
        /// A probe of the same life, and when it came, that waits for a quorum's proof from after it: newer ones don't take its
        /// place, or where there is no lease none would ever be answered.
        var waitingProbe: Instant?
        var waitingSince = Instant.zero

        var node: NodeID { life.node }
    }

    var deadline: Instant {
        transfer.map { min($0.deadline, nextHeartbeat) } ?? nextHeartbeat
    }

    func index(of node: NodeID) -> Int? { progress.firstIndex { $0.node == node } }

    func index(of life: Life) -> Int? { progress.firstIndex { $0.life == life } }
}
