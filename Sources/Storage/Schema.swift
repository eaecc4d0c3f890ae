import Migrations
import Paxos
import SQLite

/// The numbered scripts of `migrations/`: which of them a file has seen, and the rest applied.
enum Schema {
    /// Refuses a file that is not ours, or that this version must not touch. Returns the file's schema version: 0 when it has none yet.
    @discardableResult
    static func check(_ connection: borrowing Connection, _ path: String, _ kind: DatabaseKind) throws(StorageError) -> Int {
        let (application, version, objects) = try stored(path) { () throws(SQLiteError) in
            (
                try connection.integer("PRAGMA application_id") ?? 0, try connection.integer("PRAGMA user_version") ?? 0,
                try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
            )
        }
        // Empty: new, or made by a process that ended before the first migration.
        if application == 0, version == 0, objects == 0 { return 0 }
        guard application == kind.applicationID else {
            throw StorageError(.foreign, "\(path) is an SQLite file, but not a \(kind.name) of Decree: move it away")
        }
        let newest = kind.migrations.count
        guard version <= newest else {
            throw StorageError(
                .newerVersion,
                "\(path) has schema version \(version), this decree knows versions up to \(newest): start a newer decree on it")
        }
        try checkApplied(connection, path, kind, version: Int(version))
        return Int(version)
    }

    /// Applies what is missing, all in one transaction.
    static func upgrade(_ connection: borrowing Connection, _ path: String, _ kind: DatabaseKind) throws(StorageError) {
        try stored(path) { () throws(SQLiteError) in
            guard try connection.integer("PRAGMA user_version") ?? 0 < Int64(kind.migrations.count) else { return }
            let transaction = try connection.begin()
            // Read again: another process may have been faster.
            let version = try connection.integer("PRAGMA user_version") ?? 0
            for migration in kind.migrations where migration.number > Int(version) {
                try connection.execute(String(decoding: migration.sql, as: UTF8.self))
                try fill(connection, kind, after: migration)
                let record = try connection.prepare(
                    """
                    INSERT INTO migrations (number, name, checksum, applied_at)
                    VALUES (?1, ?2, ?3, strftime('%Y-%m-%d %H:%M:%S', 'now'))
                    """)
                try record.bind(Int64(migration.number), at: 1)
                try record.bind(migration.name, at: 2)
                try record.bind(migration.checksum, at: 3)
                try record.run()
                try connection.execute("PRAGMA user_version = \(migration.number)")
            }
            try connection.execute("PRAGMA application_id = \(kind.applicationID)")
            try transaction.commit()
        }
    }

    /// The checksums that the script has made room for: SQL can't compute them.
    private static func fill(
        _ connection: borrowing Connection, _ kind: DatabaseKind, after migration: Migration
    ) throws(SQLiteError) {
        switch (kind, migration.number) {
        case (.ledger, 2): try LedgerChecksum.fill(connection)
        case (.ledger, 3): try LogPlaces.fill(connection)
        case (.table, 2): try RowChecksum.fill(connection)
        default: break
        }
    }

    private static func checkApplied(
        _ connection: borrowing Connection, _ path: String, _ kind: DatabaseKind, version: Int
    ) throws(StorageError) {
        let recorded = try stored(path) { () throws(SQLiteError) in
            let statement = try connection.prepare("SELECT number, checksum FROM migrations ORDER BY number")
            var recorded: [(number: Int, checksum: String)] = []
            while try statement.step() { recorded.append((Int(statement.integer(0)), statement.text(1))) }
            return recorded
        }
        guard recorded.map(\.number) == Array(1...max(version, 1)) else {
            throw StorageError(.damaged, "\(path) has schema version \(version), but not the migrations that lead to it")
        }
        for (migration, found) in zip(kind.migrations, recorded) where migration.checksum != found.checksum {
            throw StorageError(
                .newerVersion,
                "\(path) was made with another \(migration.name) (\(found.checksum)) than this decree has (\(migration.checksum)): "
                    + "start the decree that made it")
        }
    }
}

extension Migration {
    /// As it is recorded in the files.
    var checksum: String { hexadecimal(Checksum.of(sql)) }
}

/// Sixteen digits, as incarnations are written.
package func hexadecimal(_ number: UInt64) -> String { Incarnation(rawValue: number).description }
