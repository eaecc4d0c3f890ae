import Paxos
import SQLite

/// Who belongs to the group: the ledger's `genesis` and `configurations`.
enum Members {
    static func write(genesis: [Configuration.Member], _ connection: borrowing Connection) throws(SQLiteError) {
        try connection.execute("DELETE FROM genesis")
        let statement = try connection.prepare("INSERT INTO genesis (node_id, incarnation, is_voter) VALUES (?1, ?2, ?3)")
        for member in genesis {
            try member.bind(to: statement, from: 1)
            try statement.run()
        }
    }

    static func write(_ chosen: ChosenConfiguration, _ connection: borrowing Connection) throws(SQLiteError) {
        let statement = try connection.prepare(
            """
            INSERT OR REPLACE INTO configurations (slot, number, node_id, incarnation, is_voter) VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        for member in chosen.configuration.members {
            try statement.bind(chosen.slot.rawValue, at: 1)
            try statement.bind(chosen.configuration.number, at: 2)
            try member.bind(to: statement, from: 3)
            try statement.run()
        }
    }

    static func genesis(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> [Configuration.Member] {
        let members = try stored(path) { () throws(SQLiteError) in try genesisRows(connection) }
        guard let members else { throw damage(path) }
        return members
    }

    /// Ascending by number.
    static func configurations(_ connection: borrowing Connection, _ path: String) throws(StorageError) -> [ChosenConfiguration] {
        let configurations = try stored(path) { () throws(SQLiteError) in try configurationRows(connection) }
        guard let configurations else { throw damage(path) }
        return configurations
    }

    /// Of the rows as they are; nil where one is not what any version wrote.
    static func checksum(_ connection: borrowing Connection) throws(SQLiteError) -> UInt64? {
        guard let genesis = try genesisRows(connection), let configurations = try configurationRows(connection) else { return nil }
        return LedgerChecksum.of(genesis: genesis, configurations: configurations)
    }

    static func damage(_ path: String) -> StorageError {
        StorageError(.damaged, "\(path): the members' rows are not what this program wrote; \(StorageError.mustNotVote(path))")
    }

    private static func genesisRows(_ connection: borrowing Connection) throws(SQLiteError) -> [Configuration.Member]? {
        let statement = try connection.prepare("SELECT node_id, incarnation, is_voter FROM genesis ORDER BY node_id")
        var members: [Configuration.Member] = []
        while try statement.step() {
            guard let member = Configuration.Member(statement, from: 0) else { return nil }
            members.append(member)
        }
        return members
    }

    private static func configurationRows(_ connection: borrowing Connection) throws(SQLiteError) -> [ChosenConfiguration]? {
        let statement = try connection.prepare(
            "SELECT slot, number, node_id, incarnation, is_voter FROM configurations ORDER BY number, node_id")
        var rows: [(slot: Slot, number: UInt64, member: Configuration.Member)] = []
        while try statement.step() {
            guard let slot = statement.count(0), let number = statement.count(1), let member = Configuration.Member(statement, from: 2)
            else { return nil }
            rows.append((Slot(slot), number, member))
        }
        var configurations: [ChosenConfiguration] = []
        var start = rows.startIndex
        while start < rows.endIndex {
            let end = rows[start...].firstIndex { $0.number != rows[start].number } ?? rows.endIndex
            let configuration = Configuration(number: rows[start].number, members: rows[start..<end].map(\.member))
            configurations.append(ChosenConfiguration(slot: rows[start].slot, configuration: configuration))
            start = end
        }
        return configurations
    }
}

extension Configuration.Member {
    fileprivate init?(_ row: borrowing Statement, from column: Int32) {
        guard let node = UInt16(exactly: row.integer(column)), let incarnation = UInt64(row.text(column + 1), radix: 16) else { return nil }
        self.init(
            node: NodeID(rawValue: node), incarnation: Incarnation(rawValue: incarnation), isVoter: row.integer(column + 2) != 0)
    }

    /// As three parameters from `index` on.
    fileprivate func bind(to statement: borrowing Statement, from index: Int32) throws(SQLiteError) {
        try statement.bind(Int64(node.rawValue), at: index)
        try statement.bind(incarnation.description, at: index + 1)
        try statement.bind(isVoter ? Int64(1) : 0, at: index + 2)
    }
}
