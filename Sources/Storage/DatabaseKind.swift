import Migrations

/// The two kinds of files, and what SQLite is told about each. Reasons are in docs/disk-format.md.
enum DatabaseKind {
    case ledger
    case table

    /// In the file's header: `file` and SQLite tell our files from others by it. "DcrL" and "DcrT".
    var applicationID: Int64 { self == .ledger ? 0x4463_724C : 0x4463_7254 }

    var migrations: [Migration] { self == .ledger ? Migration.ledger : Migration.table }

    var name: String { self == .ledger ? "ledger" : "table" }

    /// The ledger is synced at each commit; the table at its checkpoints, since the ledger can make it again.
    private var synchronous: String { self == .ledger ? "FULL" : "NORMAL" }

    private var cacheKiB: Int { self == .ledger ? 4096 : 65_536 }

    /// A checkpoint is due when a commit leaves this many frames (of 4 KiB) in the write-ahead log.
    /// The ledger's are small, since its thread is what a shard's writes wait for.
    var checkpointFrames: Int { self == .ledger ? 1000 : 4000 }

    static let pageBytes = 4096

    /// Only before the file has its first page.
    var creationPragmas: String { "PRAGMA page_size = \(Self.pageBytes); PRAGMA auto_vacuum = INCREMENTAL;" }

    /// Not `wal_autocheckpoint`: it would take the place of the connection's own watch over its commits.
    var pragmas: String {
        """
        PRAGMA synchronous = \(synchronous);
        PRAGMA journal_size_limit = \(checkpointFrames * Self.pageBytes * 2);
        PRAGMA secure_delete = OFF;
        PRAGMA cache_size = -\(cacheKiB);
        PRAGMA mmap_size = 0;
        PRAGMA temp_store = MEMORY;
        """
    }
}
