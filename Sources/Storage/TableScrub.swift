import SQLite

/// Reads all rows of a table again and again, a few at a time: what the disk has changed is found before somebody needs it.
struct TableScrub: ~Copyable {
    private let page: Statement
    /// The row that was looked at last.
    private var position: UInt64 = 0

    static let rowsPerStep = 100
    /// A step ends after so many bytes, too.
    static let bytesPerStep = 1 << 20

    init(_ connection: borrowing Connection) throws(SQLiteError) {
        page = try connection.prepare("SELECT \(StoredRows.checkedColumns) FROM key_values WHERE id > ?1 ORDER BY id LIMIT ?2")
    }

    /// Throws `corrupt` where a row is not what was written. Begins anew behind the last row.
    mutating func step() throws(SQLiteError) {
        defer { page.reset() }
        try page.bind(position, at: 1)
        try page.bind(Int64(Self.rowsPerStep), at: 2)
        var byteCount = 0
        var rowCount = 0
        while byteCount < Self.bytesPerStep, try page.step() {
            position = page.unsigned(0)
            rowCount += 1
            byteCount += try StoredRows.check(page).byteCount
        }
        if rowCount < Self.rowsPerStep, byteCount < Self.bytesPerStep { position = 0 }
    }
}
