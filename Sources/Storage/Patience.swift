import SQLite

/// Waits for other programs' locks: a person's `BEGIN IMMEDIATE` in a shell must stall a replica, not end it.
/// The group has a bound of its own: a leader whose ledger does not answer steps down.
struct Patience {
    private static let slicesBetweenReportsMax = 256

    let path: String
    /// The wait is given up: the store closes.
    let isStopping: () -> Bool
    let stalled: (StorageStall) -> Void
    /// After so many tries the wait is given up.
    var triesMax = Int.max

    /// Nil when the wait was given up. Each try sleeps inside SQLite for the connection's busy timeout.
    func begin(_ connection: borrowing Connection) throws(SQLiteError) -> Transaction? {
        var slices = 0
        var reportAt = 1
        while slices < triesMax, !isStopping() {
            do throws(SQLiteError) {
                return try connection.begin()
            } catch {
                guard error.kind == .busy else { throw error }
                slices += 1
                guard slices == reportAt else { continue }
                // Told after twice as long each time, and then every minute or so: a shell may stay open overnight.
                reportAt += min(reportAt, Self.slicesBetweenReportsMax)
                stalled(StorageStall(path: path, milliseconds: slices * Database.busySliceMilliseconds))
            }
        }
        return nil
    }
}
