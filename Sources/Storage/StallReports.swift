/// When to tell that a write still waits: after twice as long each time, and then every minute or so. It may wait overnight.
struct StallReports {
    private static let slicesBetweenReportsMax = 256

    private var slices = 0
    private var reportAt = 1

    /// After each slice of waiting. How long it has been, in milliseconds, where it is to be told.
    mutating func waited() -> Int? {
        slices += 1
        guard slices == reportAt else { return nil }
        reportAt += min(reportAt, Self.slicesBetweenReportsMax)
        return slices * Database.busySliceMilliseconds
    }
}
