/// A write transaction (`BEGIN IMMEDIATE`); rolled back unless it is committed.
package struct Transaction: ~Copyable {
    private let database: DatabaseHandle

    init(_ database: DatabaseHandle) throws(SQLiteError) {
        try database.begin()
        self.database = database
    }

    /// On return the transaction is in the write-ahead log, and synced if the connection's `synchronous` is `FULL`.
    /// When this throws, the transaction is rolled back.
    package consuming func commit() throws(SQLiteError) {
        try database.commit()
    }

    deinit {
        // Nothing to do after a commit.
        database.rollBack()
    }
}
