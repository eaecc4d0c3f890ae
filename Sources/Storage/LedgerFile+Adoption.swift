import Paxos
import SQLite

/// A snapshot, as the ledger has to know it before the snapshot's file is the table.
struct Adoption: Sendable {
    let slot: Slot
    let stamp: Stamp
    let configurations: [ChosenConfiguration]
    /// In the name of the file, which stands there already, durable.
    let generation: UInt64
}

/// How the ledger changes over to another table: each time in one synced transaction, so that a crash leaves the old or the new.
extension LedgerFile {
    /// From now on the table is the snapshot's, and the log begins behind it. A stranger whom the snapshot's newest configuration names as
    /// a learner has its place. Promise, and what was accepted above the snapshot, stay.
    mutating func adopt(_ adoption: Adoption) throws(SQLiteError) {
        let transaction = try connection.begin()
        for configuration in adoption.configurations { try Members.write(configuration, connection) }
        var next = acceptor
        next.tableGeneration = adoption.generation
        next.chosenUpTo = max(next.chosenUpTo, adoption.slot)
        // Below the snapshot there may be rows that were accepted and never chosen: they must not be taken for the log.
        if adoption.slot > next.compactedUpTo {
            next.compactedUpTo = adoption.slot
            next.compactedStamp = max(next.compactedStamp, adoption.stamp)
        }
        // One that is named as a voter is not a learner: if its ledger does not say so, it has forgotten its votes.
        if let member = adoption.configurations.last?.configuration.member(identity.node), member.incarnation == identity.incarnation,
            !member.isVoter
        {
            next.stage = .born
        }
        next.membersChecksum = try Members.checksum(connection) ?? next.membersChecksum
        try finish(transaction, next)
    }

    /// The configurations chosen up to `slot`, ascending. Where the table has come further than what the ledger knows to be chosen, the
    /// log's rows between are chosen too, and may hold some.
    borrowing func configurations(upTo slot: Slot) throws(StorageError) -> [ChosenConfiguration] {
        var known = try Members.configurations(connection, path).filter { $0.slot <= slot }
        guard acceptor.chosenUpTo < slot else { return known }
        for row in try entries(from: acceptor.chosenUpTo.next, through: slot) {
            guard case .configuration(let configuration) = row.entry.content,
                !known.contains(where: { $0.configuration.number == configuration.number })
            else { continue }
            known.append(ChosenConfiguration(slot: row.slot, configuration: configuration))
        }
        return known
    }

    borrowing func membership() throws(StorageError) -> Membership {
        Membership(stage: acceptor.stage, genesis: try Members.genesis(connection, path))
    }
}

extension LedgerStore {
    /// The table is not what was written: the next start makes another one. Then the process ends.
    func giveTableUp(_ error: StorageError) {
        perform(
            { [path, fileSystem] (file) throws(StorageError) in
                // What stands in the way is left: then the next life finds the damage itself, or the scrub does.
                // Of no file: a snapshot that is about to be adopted may have the next name already.
                let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
                let generation = try TableFiles(directory, fileSystem).nextGeneration(above: file.acceptor.tableGeneration)
                _ = try file.attempt { (file) throws(SQLiteError) in try file.setTable(generation: generation) }
            },
            then: { [handlers] _ in
                handlers.failed(
                    StorageError(.inputOutput, "\(error.description); the next start makes the table again, from the log or from a peer"))
            })
    }
}
