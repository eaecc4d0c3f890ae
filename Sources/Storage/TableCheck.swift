import KeyValue
import SQLite

/// Everything that can be said of a table by reading the whole of it.
enum TableCheck {
    /// One line each; none where all is as it should be.
    static func problems(of connection: borrowing Connection, _ path: String) throws(StorageError) -> [String] {
        let verdict = try stored(path) { () throws(SQLiteError) in try connection.text("PRAGMA integrity_check(3)") ?? "" }
        if verdict != "ok" { return [verdict.split(separator: "\n").joined(separator: "; ")] }
        guard let state = try TableState.read(connection, path) else { return ["there is no state row"] }
        var problems: [String] = []
        var (count, largest, hash): (UInt64, UInt64, UInt64) = (0, 0, 0)
        try stored(path) { () throws(SQLiteError) in
            let rows = try connection.prepare("SELECT \(StoredRows.checkedColumns) FROM key_values")
            while try rows.step() {
                count += 1
                largest = max(largest, rows.unsigned(0))
                do throws(SQLiteError) {
                    hash &+= try StoredRows.check(rows).checksum
                } catch {
                    problems.append(error.message)
                }
            }
        }
        if count != state.keyCount { problems.append("it has \(count) keys, and its state says \(state.keyCount)") }
        if largest > state.largestID { problems.append("its largest id is \(largest), and its state says \(state.largestID)") }
        if problems.isEmpty, hash != state.rowsHash { problems.append("its rows' hash is not what its state says") }
        let sessions = try stored(path) { () throws(SQLiteError) in try SessionRows.rows(connection) }
        for (record, checksum) in sessions where RowChecksum.of(record) != checksum {
            problems.append("the row of session \(record.id) does not match its checksum")
        }
        return problems
    }
}
