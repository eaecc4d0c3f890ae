import Paxos
import SQLite

/// The checksums of the ledger's single rows, and of all members' rows together. Part of the disk format: never changed.
enum LedgerChecksum {
    static func of(_ acceptor: Acceptor) -> UInt64 {
        var state = Checksum.combine(acceptor.promise.round, UInt64(acceptor.promise.node.rawValue))
        state = Checksum.combine(state, acceptor.chosenUpTo.rawValue)
        state = Checksum.combine(state, acceptor.compactedUpTo.rawValue)
        state = Checksum.combine(state, acceptor.compactedStamp.rawValue)
        state = Checksum.combine(state, UInt64(acceptor.stage.rawValue))
        state = Checksum.combine(state, acceptor.tableGeneration)
        return Checksum.combine(state, acceptor.membersChecksum)
    }

    static func of(_ identity: Identity) -> UInt64 {
        var state = Checksum.combine(UInt64(identity.owner.node.rawValue), UInt64(identity.owner.shard.rawValue))
        for name in [identity.owner.cluster, identity.owner.nodeName, identity.owner.shardName] {
            state = Checksum.of(Array(name.utf8), seed: state)
        }
        state = Checksum.combine(state, identity.party.incarnation.rawValue)
        state = Checksum.combine(state, identity.party.boot.rawValue)
        state = Checksum.combine(state, identity.origin.slot.rawValue)
        return Checksum.combine(state, identity.origin.hash)
    }

    /// Both ascend: genesis by node, the configurations by number.
    static func of(genesis: [Configuration.Member], configurations: [ChosenConfiguration]) -> UInt64 {
        // No members at all are 0, so that a new ledger's row needs no special care.
        var state: UInt64 = 0
        for member in genesis { state = add(member, to: state) }
        for chosen in configurations {
            state = Checksum.combine(state, chosen.slot.rawValue)
            state = Checksum.combine(state, chosen.configuration.number)
            for member in chosen.configuration.members { state = add(member, to: state) }
        }
        return state
    }

    private static func add(_ member: Configuration.Member, to state: UInt64) -> UInt64 {
        let state = Checksum.combine(state, UInt64(member.node.rawValue) << 1 | (member.isVoter ? 1 : 0))
        return Checksum.combine(state, member.incarnation.rawValue)
    }

    /// For a ledger that was made before there were checksums. A row that can't be read gets none, and is refused when it is opened.
    static func fill(_ connection: borrowing Connection) throws(SQLiteError) {
        if let identity = try Identity.row(connection)?.identity {
            let update = try connection.prepare("UPDATE identity SET checksum = ?1")
            try update.bind(of(identity), at: 1)
            try update.run()
        }
        let row = try connection.prepare(Acceptor.select)
        guard try row.step(), var acceptor = Acceptor.row(row)?.acceptor else { return }
        row.reset()
        if let checksum = try Members.checksum(connection) { acceptor.membersChecksum = checksum }
        try acceptor.write(with: try connection.prepare(Acceptor.write))
    }
}
