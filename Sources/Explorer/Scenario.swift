import Paxos

/// A small group, and what may happen to it: everything that is allowed here is tried in every order.
package struct Scenario: Sendable {
    package static let nodeCount = 3

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
    /// Whether a sync or a crash may fall between any two writes that wait; otherwise it takes all of them or none.
    var syncsApart = true
    /// Whether applying to the table takes time; otherwise it is done at once.
    var appliesApart = false
    /// The moments at which things may happen, on every replica's clock. One: time stands still, and whatever waits for time to pass
    /// may happen whenever it likes.
    var times = 1...1
    /// What has happened before: one way that things went, not all.
    var opening: [Opening] = []

    enum Opening: Sendable {
        case happens(Event, at: Int)
        /// Everything that these replicas have to write and to say to each other is written, heard and applied.
        case settle([Int])
        /// What has been sent so far will never come.
        case loseAll
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

    /// A lease of one unit of time, and a grant of two; a nanosecond is the unit.
    static var leased: Settings {
        var settings = bounded
        settings.lease = Span(nanoseconds: 1)
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
