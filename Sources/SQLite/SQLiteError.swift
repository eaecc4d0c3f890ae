import CSQLite
import Glibc

/// What SQLite answered when it did not do what it was asked.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Kind: Hashable, Sendable {
        /// Another connection holds the lock: try again, within a bound.
        case busy
        /// No room: nothing was written; the transaction is rolled back.
        case full
        /// What is on disk is not a sound database, or its tables are not those that our statements are made for: stop, and repair
        /// from a peer.
        case corrupt
        /// The operating system failed us: end the process, recover from what is on disk. Never retry a sync.
        case inputOutput
        /// A mistake in the program, or a limit.
        case other
    }

    /// `SQLITE_IOERR_SHMSIZE`, a macro that Swift does not see: the index of the write-ahead log could not be made longer.
    private static let sharedMemorySize = SQLITE_IOERR | 19 << 8

    /// SQLite's extended result code (<https://www.sqlite.org/rescode.html>).
    package let code: Int32
    package let message: String

    package init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// The error that a call on `database` has just returned.
    init(code: Int32, database: OpaquePointer?) {
        let detail = database.map { String(cString: sqlite3_errmsg($0)) }
        // SQLite says so itself only of writes to its files, not where it can't make or lengthen one.
        let isLackOfRoom = database.map { sqlite3_system_errno($0) == ENOSPC } ?? false
        let makesRoomFirst = code == Self.sharedMemorySize || code & 0xFF == SQLITE_CANTOPEN
        self.init(code: isLackOfRoom && makesRoomFirst ? SQLITE_FULL : code, message: detail ?? String(cString: sqlite3_errstr(code)))
    }

    /// A row that is not what was written, though SQLite takes the file for sound.
    package static func damagedRow(id: UInt64, of table: String) -> SQLiteError {
        SQLiteError(code: SQLITE_CORRUPT, message: "the row with id \(id) of \(table) does not match its checksum")
    }

    /// A row that was written, and is not there.
    package static func missingRow(id: UInt64, of table: String) -> SQLiteError {
        SQLiteError(code: SQLITE_CORRUPT, message: "the row with id \(id) of \(table) is not there")
    }

    package var kind: Kind {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        // All statements are our own and fit the tables that the migrations made.
        case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH: .corrupt
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .inputOutput
        default: .other
        }
    }

    package var description: String { "\(message) (SQLite code \(code))" }
}
