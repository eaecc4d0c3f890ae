import SQLite

/// Writes changes into a table's `key_values`, within a transaction of its caller's.
struct RowWriter: ~Copyable {
    private let insert: Statement
    private let update: Statement
    private let delete: Statement

    init(_ connection: borrowing Connection) throws(SQLiteError) {
        let insert = try connection.prepare(
            """
            INSERT INTO key_values (key, value, modified_slot, checksum, id, kind, created_slot) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        let update = try connection.prepare(
            "UPDATE key_values SET value = ?2, modified_slot = ?3, checksum = ?4, expires_at = NULL WHERE id = ?5")
        let delete = try connection.prepare("DELETE FROM key_values WHERE id = ?1")
        self.insert = insert
        self.update = update
        self.delete = delete
    }

    /// Throws `corrupt` where a row is not there that the changes rest on.
    borrowing func write(_ changes: RowChanges) throws(SQLiteError) {
        // First, since a key that was made again has another id, and stands once.
        for id in changes.removedIDs {
            try delete.bind(id, at: 1)
            try Self.runOnce(delete, id)
        }
        for (key, row, isInserted) in changes.standing {
            if isInserted {
                try key.span.withUnsafeBytes { (key) throws(SQLiteError) in
                    try insert.bind(key, at: 1)
                    try insert.bind(OverlaidRows.stringKind, at: 6)
                    try insert.bind(row.createdSlot, at: 7)
                    try Self.run(insert, row)
                }
            } else {
                try Self.run(update, row)
            }
        }
    }

    private static func run(_ statement: borrowing Statement, _ row: HeldRow) throws(SQLiteError) {
        try row.value.span.withUnsafeBytes { (value) throws(SQLiteError) in
            try statement.bind(value, at: 2)
            try statement.bind(row.modifiedSlot, at: 3)
            try statement.bind(row.checksum, at: 4)
            try statement.bind(row.id, at: 5)
            try runOnce(statement, row.id)
        }
    }

    private static func runOnce(_ statement: borrowing Statement, _ id: UInt64) throws(SQLiteError) {
        let count = try statement.runCounting()
        statement.reset()
        guard count == 1 else { throw .missingRow(id: id, of: "key_values") }
    }
}
