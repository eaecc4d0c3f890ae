import Paxos

/// One acceptor over all its lives: what it has made durable, against what it hands to its ledger and what it finds when it starts
/// again. What it says is in `AcceptorCheck+Words.swift`.
struct AcceptorCheck {
    let node: NodeID
    /// Of its directory; unknown before it was first opened.
    private(set) var incarnation = Incarnation(rawValue: 0)
    /// As synced in the ledger.
    private(set) var promise = Ballot.zero
    private var chosenUpTo = Slot.none
    /// From slot 1, as synced in the ledger.
    private var rows: [Entry?] = []
    private var life: UInt64 = 0
    /// The table came with a snapshot: no row up to here need have been here.
    private(set) var installedUpTo = Slot.none
    /// What was ever handed to the ledger.
    private(set) var content = FileCheck.Content()

    /// The newest ballot heard of, and the first slot that its leader proposed.
    var heard: (ballot: Ballot, first: Slot)?
    /// The newest ballot that a candidate asked to be promised, and the highest slot from which it asked.
    var asked: (ballot: Ballot, from: Slot)?
    /// The newest ballot that this acceptor has stood under, and in which life.
    var stood: (ballot: Ballot, life: UInt64)?
    /// Of the promise whose parts are being sent: the slots that it has reported.
    var reported: [Slot] = []
    /// In this life, up to here everything that was acknowledged has been found durable.
    var found = Acknowledgement.none

    init(node: NodeID) { self.node = node }

    var currentLife: UInt64 { life }
    var lastSlot: Slot { Slot(UInt64(rows.count)) }

    func row(at slot: Slot) -> Entry? { slot > .none && slot <= lastSlot ? rows[Int(slot.rawValue) - 1] : nil }

    var voter: Voter { Voter(node: node, incarnation: incarnation) }

    /// Whether the acceptor's disk holds this value, or a table that it is part of.
    func holds(_ row: SlottedEntry) -> Bool {
        self.row(at: row.slot).map { $0.hasValue(of: row.entry) } ?? (row.slot <= installedUpTo)
    }

    mutating func installed(_ slot: Slot) { installedUpTo = max(installedUpTo, slot) }

    /// A write begins: what must not be written. Fetched entries are chosen, and may be of any ballot.
    mutating func commits(_ write: LedgerWrite, _ votes: inout Votes) -> String? {
        if let next = write.promise, next < promise { return "promises: \(promise) is synced, and \(next) is to be written" }
        if let membership = write.membership, membership.stage == .born, let problem = votes.isBorn(with: membership.genesis) {
            return problem
        }
        for row in write.entries {
            content.add(bytes: row.entry.byteCount)
            if let problem = votes.proposed(row) { return problem }
            let ballot = row.entry.ballot
            if ballot >= promise, ballot <= max(promise, write.promise ?? promise) { continue }
            if !votes.isChosen(row) { return "promises: slot \(row.slot) is accepted at \(ballot), and \(promise) is promised" }
        }
        return nil
    }

    mutating func synced(_ write: LedgerWrite, _ votes: inout Votes) -> String? {
        promise = max(promise, write.promise ?? promise)
        for row in write.entries {
            store(row)
            if let problem = votes.accepted(row, by: voter) { return problem }
        }
        chosenUpTo = max(chosenUpTo, write.chosenUpTo ?? chosenUpTo)
        return chosenUpTo > votes.chosenUpTo ? "agreement: chosen up to \(chosenUpTo) is written, and no quorum holds that" : nil
    }

    private mutating func store(_ row: SlottedEntry) {
        while lastSlot < row.slot { rows.append(nil) }
        rows[Int(row.slot.rawValue) - 1] = row.entry
    }

    /// A new life: what the ledger has lost. `state` is what the program has made of the ledger, `ledger` what stands in its file.
    /// Of one that is damaged, rows may be gone that the table holds, or that the program has missed, so that a snapshot has to bring them;
    /// all that it votes with has to be there.
    mutating func recovered(
        _ state: LedgerState, appliedUpTo: Slot, _ ledger: LedgerContents, isDamaged: Bool, life: UInt64, _ votes: inout Votes
    ) -> String? {
        self.life = life
        incarnation = state.identity.incarnation
        found = .none
        reported = []
        if state.promise < promise { return "promises: \(promise) was synced, and \(state.promise) is found" }
        let chosen = max(state.chosenUpTo, appliedUpTo)
        if chosen < chosenUpTo { return "durability: chosen up to \(chosenUpTo) was synced, and \(chosen) is found" }
        if state.entries != ledger.log.filter({ $0.slot > chosen }) {
            return "durability: what is recovered above slot \(chosen) is not what the log holds"
        }
        if let problem = lost(ledger, above: isDamaged ? max(appliedUpTo, state.compactedUpTo) : ledger.compactedUpTo, votes) {
            return problem
        }
        // The last life may have ended when its ledger had adopted a snapshot, and before it was told.
        installed(ledger.compactedUpTo)
        // What a crash has left of a write that nobody was told of counts from here on as well.
        promise = state.promise
        // The table may know more, and lose it again.
        chosenUpTo = max(chosenUpTo, ledger.chosenUpTo)
        for row in ledger.log {
            store(row)
            if let problem = votes.accepted(row, by: voter) { return problem }
        }
        return chosen > votes.chosenUpTo ? "agreement: chosen up to \(chosen) is found, and no quorum holds that" : nil
    }

    private func lost(_ ledger: LedgerContents, above first: Slot, _ votes: Votes) -> String? {
        var found = ledger.log[...]
        var slot = first.next
        while slot <= lastSlot {
            defer { slot = slot.next }
            found = found.drop { $0.slot < slot }
            guard let row = row(at: slot) else { continue }
            guard let kept = found.first, kept.slot == slot else {
                return "durability: slot \(slot) was accepted at \(row.ballot) and synced, and is gone"
            }
            if kept.entry == row || votes.isChosen(kept) || kept.entry.ballot > row.ballot { continue }
            return "durability: slot \(slot) was synced as \(row), and is found as \(kept.entry)"
        }
        return nil
    }
}
