/// One step of a file's schema: a numbered SQL script of the top-level `migrations/` folder, embedded in the binary.
/// Once released it is never edited; a change is a new script, added to its list here.
package struct Migration: Hashable, Sendable {
    /// From 1, without a gap, for each kind of file.
    package let number: Int
    package let name: String
    package let sql: [UInt8]

    /// Both lists ascend by number.
    package static let ledger = [
        Migration(number: 1, name: "V0001_ledger", sql: PackageResources.V0001_ledger_sql),
        Migration(number: 2, name: "V0002_ledger_checksums", sql: PackageResources.V0002_ledger_checksums_sql),
        Migration(number: 3, name: "V0003_places", sql: PackageResources.V0003_places_sql),
    ]
    package static let table = [
        Migration(number: 1, name: "V0001_table", sql: PackageResources.V0001_table_sql),
        Migration(number: 2, name: "V0002_checksums", sql: PackageResources.V0002_checksums_sql),
        Migration(number: 3, name: "V0003_snapshots", sql: PackageResources.V0003_snapshots_sql),
    ]
}
