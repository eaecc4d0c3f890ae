import Paxos

/// A small group, and what may happen to it: everything that is allowed here is tried in every order.
package struct Scenario: Sendable {
    package static let nodeCount = 3
    /// Of time, in nanoseconds.
    static let unit: Int64 = 10

    package let name: String
    /// What is allowed, in words.
    package let summary: String
    var settings = Settings.timeless
    /// How often each replica may lose its patience and stand; 0 for one that never does.
    var timeOutsMax = [1, 1, 0]
    /// Commands that each replica takes where it leads.
    var commandsMax = [1, 1, 0]
    /// Times that each replica sends heartbeats where it leads.
    var heartbeatsMax = [0, 0, 0]
    var readsMax = [0, 0, 0]
    var handoversMax = [0, 0, 0]
    /// Restarts of each replica, and of all together.
    var restartsMax = [0, 0, 0]
    var restartsInAllMax = 0
    /// Whether a replica that starts again has introduced itself to the others at once; otherwise they learn of it as things go, and what
    /// its earlier life has said may count until then.
    var restartsAreKnown = false
    /// Of each replica.
    var disks = [Disk.slow, .slow, .slow]
    /// Whether applying to the table takes time; otherwise it is done at once.
    var appliesApart = false
    /// The moments at which things may happen, on every replica's clock. One: time stands still, and whatever waits for time to pass
    /// may happen whenever it likes.
    var times = 1...1
    /// Replicas that nothing reaches after the opening.
    var deaf: [Int] = []
    /// Messages that are always lost: what they bring about is left out.
    var losesRefusals = false

    /// What has happened before: one way that things went, not all.
    var opening: [Opening] = []

    enum Disk: Sendable {
        /// Each write is synced at once, within the event that made it.
        case immediate
        /// Writes wait for a sync, which takes all of them; a crash keeps all or none.
        case slow
        /// A sync takes, and a crash keeps, any number of the first of them.
        case slowInParts
    }

    enum Opening: Sendable {
        /// These have lost patience at once, and the last of the other replicas has voted for each of them: each has a ballot.
        case stand([Int])
        case happens(Event, at: Int)
        /// Everything that these replicas have to write and to say to each other is written, heard and applied.
        case settle([Int])
        /// What has been sent so far will never come.
        case loseAll
        case losePreVotes
        /// Only what was sent to stand, and to keep the lease, may still come.
        case loseProposals
        case timePasses
        /// What happened so far does not count against what is allowed.
        case budgetsRefill
    }
}

extension Settings {
    /// Nothing but nondeterminism: every patience has always ended, no lease is asked for.
    static var timeless: Settings {
        var settings = bounded
        settings.leasedReads = false
        // A patience of no time at all: see `grantSpan`.
        settings.lease = Span(nanoseconds: -1)
        return settings
    }

    /// A lease of one unit of time. A grant is longer, by less than a unit: so it is over after two.
    static var leased: Settings {
        var settings = bounded
        settings.lease = Span(nanoseconds: Scenario.unit)
        return settings
    }

    private static var bounded: Settings {
        var settings = Settings()
        settings.clockDriftPerMille = 0
        settings.electionJitter = .zero
        settings.heartbeatInterval = .zero
        settings.alpha = 8
        return settings
    }
}
