import SQLite

/// Waits for other programs' locks: a person's `BEGIN IMMEDIATE` in a shell must stall a replica, not end it.
/// The group has a bound of its own: a leader whose ledger does not answer steps down.
struct Patience {
    let path: String
    /// The wait is given up: the store closes.
    let isStopping: () -> Bool
    let stalled: (StorageStall) -> Void
    /// After so many tries the wait is given up.
    var triesMax = Int.max

    /// Nil when the wait was given up. Each try sleeps inside SQLite for the connection's busy timeout.
    func begin(_ connection: borrowing Connection) throws(SQLiteError) -> Transaction? {
        var tries = 0
        var reports = StallReports()
        while tries < triesMax, !isStopping() {
            do throws(SQLiteError) {
                return try connection.begin()
            } catch {
                guard error.kind == .busy else { throw error }
                tries += 1
                if let milliseconds = reports.waited() {
                    stalled(StorageStall(path: path, milliseconds: milliseconds, obstacle: .lock([])))
                }
            }
        }
        return nil
    }
}
