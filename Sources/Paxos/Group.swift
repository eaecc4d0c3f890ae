/// One replica of one group: Multi-Paxos as a pure state machine.
///
/// Everything that happens comes in through `step`; everything to be done comes out of it. There is no I/O, clock or chance in
/// here, so a test can copy, compare and explore its states, and the simulator and the server run the same code.
/// The protocol as a whole, and where it departs from the papers: docs/protocol.md.
package struct Group: Hashable, Sendable {
    package let identity: Party
    package let settings: Settings
    /// The first members' nodes, from the cluster file.
    package let firstMembers: [NodeID]
    /// Where leadership belongs.
    package var preferredLeader: NodeID?

    // What the ledger holds, or will once the writes given out are synced.

    var membership: Membership
    /// Never moves back.
    package internal(set) var promised: Ballot
    var log: Log
    /// Every slot up to here is chosen, and its value is in the log or was applied.
    package internal(set) var chosenUpTo: Slot
    var configurations: ConfigurationHistory
    /// The newest ballot under which entries were accepted.
    var acceptance: Acceptance

    // Writes and what waits for them.

    /// The number of the last write given out.
    var writeNumber: UInt64 = 0
    var writesPersisted: UInt64 = 0
    /// When the oldest write that is not synced was given out.
    var oldestWriteAt: Instant?
    var vows = HeldVows()
    /// The newest promise and acceptance whose writes are synced, kept to be said again.
    var keptPromise: Kept?
    var keptAcceptance: Kept?
    /// Chosen slots up to here are durable in this ledger.
    var durableUpTo: Slot
    /// The first slot of fetched entries whose write is not synced.
    var unsyncedFetch: Slot?
    /// The chosen index that the ledger was last given, and since when it lags.
    var chosenWritten: Slot
    var chosenUnwrittenSince: Instant?

    // Applying.

    /// Given out for applying.
    package internal(set) var handedUpTo: Slot
    /// Since when something that was given out has not been applied, and nothing else has been either.
    var applyingSince: Instant?
    package internal(set) var appliedUpTo: Slot
    /// Up to here a start has the table apply again what it had not in its file.
    let rollsForwardTo: Slot
    /// The newest stamp at or below `chosenUpTo`.
    var chosenStamp: Stamp

    // Peers, elections, leadership.

    var peers: Peers
    /// The highest round heard of, promised or not.
    var highestRoundSeen: UInt64 = 0
    var silence: Silence
    /// Before, a leader may be there that this life has not heard: another's wish to lead is not granted.
    let listensUntil: Instant
    var grant: LeaseGrant
    var freshness = Freshness()
    var candidacy: Candidacy?
    var leadership: Leadership?
    var fetching: Fetching?
    /// What this replica lacks is to come by snapshot.
    var awaited: AwaitedSnapshot?
    /// Whether its disk has room for more than a reserve.
    var hasRoom = true
    let origin: Origin
    var birth: Birth
    /// Drawn with each tick.
    var chance: UInt64

    /// - Parameters:
    ///   - state: what the ledger holds.
    ///   - appliedUpTo: what the table holds, or applies before anything that it is given: everything up to the ledger's chosen index, or
    ///     more, since what is applied was chosen. Less where the ledger can't roll it forward: then a snapshot is awaited.
    ///   - rolledUpTo: what of that it holds already; nil where it is all. This replica does not lead before the rest is applied.
    ///   - aloneSince: since when no earlier life of this replica can have acted; `now` where nobody knows.
    package init(
        state: LedgerState, appliedUpTo: Slot, rolledUpTo: Slot? = nil, firstMembers: [NodeID], preferredLeader: NodeID?,
        settings: Settings,
        chance: UInt64 = 0, aloneSince: Instant? = nil, at now: Instant
    ) {
        self.chance = chance
        invariant(firstMembers.contains(state.identity.node), "a replica's node is a first member of its group")
        identity = state.identity
        self.settings = settings
        self.firstMembers = firstMembers.sorted()
        self.preferredLeader = preferredLeader
        membership = state.membership
        promised = state.promise
        let chosen = max(state.chosenUpTo, appliedUpTo)
        chosenUpTo = chosen
        configurations = ConfigurationHistory(chosen: state.configurations, alpha: settings.alpha)
        for row in state.entries where row.slot > state.chosenUpTo && row.slot <= chosen {
            if case .configuration(let configuration) = row.entry.content { configurations.add(configuration, chosenAt: row.slot) }
        }
        log = Log(start: chosen.next)
        for row in state.entries where row.slot > chosen { log.store(row.entry, at: row.slot) }
        acceptance = Acceptance(ballot: .zero, first: chosen.next, upTo: chosen)
        durableUpTo = chosen
        chosenWritten = state.chosenUpTo
        let isWhole = appliedUpTo >= state.chosenUpTo
        handedUpTo = isWhole ? chosen : appliedUpTo
        rollsForwardTo = handedUpTo
        self.appliedUpTo = min(rolledUpTo ?? handedUpTo, handedUpTo)
        // Rows between the ledger's chosen index and the table's are chosen too.
        chosenStamp = state.entries.reduce(state.stampAtChosen) { $1.slot <= chosen ? max($0, $1.entry.stamp) : $0 }
        peers = Peers(nodes: firstMembers.filter { $0 != state.identity.node })
        let aloneSince = min(aloneSince ?? now, now)
        // Whoever has been long at starting need not wait to ask: a leader and those that hear it refuse.
        silence = Silence(since: max(aloneSince, now - settings.patience))
        listensUntil = now + settings.heartbeatInterval * 2
        grant = LeaseGrant(boot: state.identity.boot, aloneSince: aloneSince, settings: settings)
        origin = state.origin
        birth = Birth(own: state.identity, genesis: state.membership.genesis)
        for known in configurations.chosen { include(known.configuration) }
        if !isWhole { awaited = AwaitedSnapshot(atLeast: max(state.compactedUpTo, appliedUpTo.next), since: now) }
    }

    package var isBorn: Bool { membership.stage == .born }
    package var stage: Stage { membership.stage }

    package mutating func step(_ input: Input, at now: Instant) -> Output {
        var output = Output()
        switch input {
        case .received(let envelope): receive(envelope, now, &output)
        case .proposed(let commands, let stamp): propose(commands, stamp: stamp, now, &output)
        case .ticked(let chance):
            self.chance = chance
            tick(now, &output)
        case .persisted(let receipt): persisted(receipt, now, &output)
        case .applied(let slot): applied(upTo: slot, now, &output)
        case .ledgerRead(let request, let rows): answerFetch(request, with: rows, &output)
        case .snapshotInstalled(let snapshot): installed(snapshot, now, &output)
        case .replacementWanted(let node): replace(node, now, &output)
        case .roomChanged(let hasRoom): self.hasRoom = hasRoom
        case .confirmationWanted: confirm(now, &output)
        case .handoverWanted: handOverToMostCurrent(now, &output)
        }
        handOut(now, &output)
        askForSnapshot(now, &output)
        output.standing = standing
        return output
    }

    package var standing: Standing {
        var standing = Standing()
        standing.leads = leads
        standing.leader = leader
        standing.isBorn = isBorn
        standing.isReadable = isReadable
        standing.refusesWrites = refusesWrites
        standing.chosenUpTo = chosenUpTo
        standing.hasOpenProposals = hasOpenProposals
        standing.choosesWithOwnWrite = choosesWithOwnWrite
        standing.proposalRoom = proposalRoom
        standing.proposalByteRoom = proposalByteRoom
        standing.deadline = deadline
        return standing
    }

    private mutating func receive(_ envelope: Envelope, _ now: Instant, _ output: inout Output) {
        guard admits(envelope, &output) else { return }
        let life = envelope.from.life
        let sender = life.node
        switch envelope.message {
        case .introduction(let word): hear(word, from: envelope.from, configuration: envelope.configuration, now, &output)
        case .preVote(let word): hear(word, from: sender, now, &output)
        case .preVoteReply(let word): hear(word, from: life, now, &output)
        case .prepare(let word): hear(word, from: sender, now, &output)
        case .promise(let word): hear(word, from: life, now, &output)
        case .rejection(let word): hear(word, from: sender, now, &output)
        case .accept(let word): hear(word, from: sender, now, &output)
        case .accepted(let word): hear(word, from: life, now, &output)
        case .heartbeat(let word): hear(word, from: sender, now, &output)
        case .heartbeatReply(let word): hear(word, from: life, now, &output)
        case .fetch(let word): hear(word, from: sender, &output)
        case .chosenEntries(let word): hear(word, from: sender, now, &output)
        case .handover(let word): hear(word, from: sender, now, &output)
        }
    }

    private mutating func tick(_ now: Instant, _ output: inout Output) {
        guard isBorn else { return tickBirth(now, &output) }
        if leadership != nil {
            tickLeadership(now, &output)
        } else {
            tickElection(now, &output)
        }
        tickFetch(now, &output)
        tickChosen(now, &output)
    }

    /// When the next tick is due. Ticks that come earlier or later do no harm.
    package var deadline: Instant {
        guard isBorn else { return birth.nextIntroduction }
        let awaited = awaited?.deadline(settings)
        var deadline = leadership?.deadline ?? candidacy?.deadline ?? standsAt
        if let fetching { deadline = min(deadline, fetching.sentAt + settings.fetchTimeout) }
        if let awaited { deadline = min(deadline, awaited) }
        if let chosenUnwrittenSince { deadline = min(deadline, chosenUnwrittenSince + settings.chosenPersistDelay) }
        return deadline
    }
}
