/// What replicas of one group say to each other. A message may be lost, doubled, delayed and overtaken.
package enum Message: Hashable, Sendable {
    /// Who I am and what I know of the group's birth; also the answer to a message meant for an earlier life of mine.
    case introduction(Introduction)
    /// Would you promise this ballot? Asked before anything durable is spent on an election (Ongaro's thesis, §9.6).
    case preVote(PreVote)
    case preVoteReply(PreVoteReply)
    /// Phase 1a for every slot from `from` on.
    case prepare(Prepare)
    /// Phase 1b.
    case promise(Promise)
    /// A higher ballot has been promised, or a lease is held.
    case rejection(Rejection)
    /// Phase 2a for a run of slots.
    case accept(Accept)
    /// Phase 2b, cumulative.
    case accepted(Accepted)
    /// The leader's sign of life; announces what is chosen, asks for the lease.
    case heartbeat(Heartbeat)
    case heartbeatReply(HeartbeatReply)
    /// Asks any peer for chosen entries.
    case fetch(Fetch)
    case chosenEntries(ChosenEntries)
    /// The leader has given up its lease and asks the receiver to stand for election at once.
    case handover(Handover)
}

/// A message with who sends it to whom. Incarnations and boots keep words said to, or by, an earlier life from counting.
package struct Envelope: Hashable, Sendable {
    package let from: Party
    /// `incarnation` and `boot` are what the sender last heard from the receiver; unknown until then.
    package let to: Party
    /// The number of the newest configuration that the sender knows chosen; 0 before genesis.
    package let configuration: UInt64
    package let message: Message

    package init(from: Party, to: Party, configuration: UInt64, message: Message) {
        self.from = from
        self.to = to
        self.configuration = configuration
        self.message = message
    }
}

/// One life of one replica.
package struct Party: Hashable, Sendable {
    package let node: NodeID
    package let incarnation: Incarnation
    package let boot: Boot

    package init(node: NodeID, incarnation: Incarnation, boot: Boot) {
        self.node = node
        self.incarnation = incarnation
        self.boot = boot
    }

    package var life: Life { Life(node: node, incarnation: incarnation) }
}

/// How far a replica has come in the group's birth.
package enum Stage: UInt8, Hashable, Sendable {
    /// Learns the first members' incarnations; votes for nothing.
    case gathering = 0
    /// Has stored the incarnations of all first members, and waits until all say the same; votes for nothing.
    case ready = 1
    /// A member of a group that exists.
    case born = 2
    /// The group exists and knows another incarnation for this node; votes for nothing.
    case stranger = 3
}

/// What a group's first members held when it was born: nothing, or the same backup.
package struct Origin: Hashable, Sendable {
    /// The log begins behind it.
    package let slot: Slot
    /// The table's hash at that slot.
    package let hash: UInt64

    package init(slot: Slot, hash: UInt64) {
        self.slot = slot
        self.hash = hash
    }

    package static let empty = Origin(slot: .none, hash: 0)
}

package struct Introduction: Hashable, Sendable {
    package let stage: Stage
    /// The incarnations known (gathering), stored (ready) or in force (born); empty for a stranger. Ascending by node.
    package let members: [Configuration.Member]
    /// Only those who begin with the same are born together.
    package let origin: Origin
    package let wantsAnswer: Bool

    package init(stage: Stage, members: [Configuration.Member], origin: Origin = .empty, wantsAnswer: Bool) {
        self.stage = stage
        self.members = members
        self.origin = origin
        self.wantsAnswer = wantsAnswer
    }
}

package struct PreVote: Hashable, Sendable {
    /// The ballot that the sender would use.
    package let ballot: Ballot
    package let chosenUpTo: Slot

    package init(ballot: Ballot, chosenUpTo: Slot) {
        self.ballot = ballot
        self.chosenUpTo = chosenUpTo
    }
}

package struct PreVoteReply: Hashable, Sendable {
    package let ballot: Ballot
    package let isGranted: Bool
    /// What the sender has promised: a would-be leader's next ballot must be above it.
    package let promised: Ballot

    package init(ballot: Ballot, isGranted: Bool, promised: Ballot) {
        self.ballot = ballot
        self.isGranted = isGranted
        self.promised = promised
    }
}

package struct Prepare: Hashable, Sendable {
    package let ballot: Ballot
    /// The first slot that the candidate does not know to be chosen.
    package let from: Slot
    /// The ballot whose leader has given up its lease in favour of this candidate.
    package let released: Ballot?

    package init(ballot: Ballot, from: Slot, released: Ballot?) {
        self.ballot = ballot
        self.from = from
        self.released = released
    }
}

package struct Promise: Hashable, Sendable {
    package let ballot: Ballot
    /// Every slot up to here is chosen; the candidate fetches what it lacks before it proposes.
    package let chosenUpTo: Slot
    /// A promise counts once parts 0 to `parts` - 1 have come.
    package let part: UInt16
    package let parts: UInt16
    /// What is accepted above `chosenUpTo` and from the candidate's `from` on, ascending.
    package let entries: [SlottedEntry]

    package init(ballot: Ballot, chosenUpTo: Slot, part: UInt16, parts: UInt16, entries: [SlottedEntry]) {
        self.ballot = ballot
        self.chosenUpTo = chosenUpTo
        self.part = part
        self.parts = parts
        self.entries = entries
    }
}

package struct Rejection: Hashable, Sendable {
    /// The ballot that is refused.
    package let ballot: Ballot
    package let promised: Ballot

    package init(ballot: Ballot, promised: Ballot) {
        self.ballot = ballot
        self.promised = promised
    }
}

package struct Accept: Hashable, Sendable {
    package let ballot: Ballot
    /// The first slot that the leader proposed under `ballot`: where cumulative acknowledgement starts.
    package let ballotFirst: Slot
    /// Chosen up to here; covers only what was accepted at `ballot`.
    package let chosenUpTo: Slot
    /// The slot of the first entry; the others follow without a gap.
    package let first: Slot
    /// Each accepted at `ballot`.
    package let entries: [Entry]

    package init(ballot: Ballot, ballotFirst: Slot, chosenUpTo: Slot, first: Slot, entries: [Entry]) {
        self.ballot = ballot
        self.ballotFirst = ballotFirst
        self.chosenUpTo = chosenUpTo
        self.first = first
        self.entries = entries
    }
}

/// Every slot from the ballot's first up to `upTo` is accepted at `ballot`, or known to be chosen, and durable here.
package struct Acknowledgement: Hashable, Sendable {
    package let ballot: Ballot
    package let upTo: Slot

    package init(ballot: Ballot, upTo: Slot) {
        self.ballot = ballot
        self.upTo = upTo
    }

    package static let none = Acknowledgement(ballot: .zero, upTo: .none)
}

package struct Accepted: Hashable, Sendable {
    package let acknowledgement: Acknowledgement
    /// Later slots have come while `upTo + 1` is missing: send again from there.
    package let hasGap: Bool

    package init(acknowledgement: Acknowledgement, hasGap: Bool) {
        self.acknowledgement = acknowledgement
        self.hasGap = hasGap
    }
}

package struct Heartbeat: Hashable, Sendable {
    package let ballot: Ballot
    package let ballotFirst: Slot
    package let chosenUpTo: Slot
    /// On the leader's clock; echoed in the reply. A lease is counted from here.
    package let sentAt: Instant
    /// How long the granter is asked to promise no other ballot; zero where no lease is wanted.
    package let lease: Span
    /// What the receiver last acknowledged: a receiver that holds less has lost its memory and stops voting.
    package let lastAcknowledged: Acknowledgement
    /// The receiver's newest probe after whose arrival the sender was sure to lead; what it held then is in `chosenUpTo`.
    package let answeredProbe: Instant?

    package init(
        ballot: Ballot, ballotFirst: Slot, chosenUpTo: Slot, sentAt: Instant, lease: Span, lastAcknowledged: Acknowledgement,
        answeredProbe: Instant?
    ) {
        self.ballot = ballot
        self.ballotFirst = ballotFirst
        self.chosenUpTo = chosenUpTo
        self.sentAt = sentAt
        self.lease = lease
        self.lastAcknowledged = lastAcknowledged
        self.answeredProbe = answeredProbe
    }
}

package struct HeartbeatReply: Hashable, Sendable {
    package let ballot: Ballot
    /// The heartbeat's `sentAt`.
    package let sentAt: Instant
    package let acknowledgement: Acknowledgement
    package let chosenUpTo: Slot
    package let appliedUpTo: Slot
    /// Now, on the sender's clock: asks how fresh its table is.
    package let probe: Instant
    /// The sender's disk has room for more than its reserve.
    package let hasRoom: Bool

    package init(
        ballot: Ballot, sentAt: Instant, acknowledgement: Acknowledgement, chosenUpTo: Slot, appliedUpTo: Slot, probe: Instant,
        hasRoom: Bool = true
    ) {
        self.ballot = ballot
        self.sentAt = sentAt
        self.acknowledgement = acknowledgement
        self.chosenUpTo = chosenUpTo
        self.appliedUpTo = appliedUpTo
        self.probe = probe
        self.hasRoom = hasRoom
    }
}

package struct Fetch: Hashable, Sendable {
    package let from: Slot
    package let through: Slot

    package init(from: Slot, through: Slot) {
        self.from = from
        self.through = through
    }
}

package struct ChosenEntries: Hashable, Sendable {
    /// The slot of the first entry; the others follow without a gap. Empty where the sender no longer keeps `from`.
    package let first: Slot
    package let entries: [Entry]
    package let chosenUpTo: Slot
    /// The sender keeps no row up to here, or says so since a snapshot would be cheaper for both.
    package let compactedUpTo: Slot

    package init(first: Slot, entries: [Entry], chosenUpTo: Slot, compactedUpTo: Slot = .none) {
        self.first = first
        self.entries = entries
        self.chosenUpTo = chosenUpTo
        self.compactedUpTo = compactedUpTo
    }
}

package struct Handover: Hashable, Sendable {
    /// The ballot whose lease is given up.
    package let ballot: Ballot

    package init(ballot: Ballot) { self.ballot = ballot }
}
