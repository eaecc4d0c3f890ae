import CSQLite
import Glibc
import Synchronization

/// SQLite's own files, but for one thing: what is written to a database or its write-ahead log is synced after each quarter of a megabyte, and
/// the writer rests then.
///
/// A checkpoint of thousands of pages leaves them all to the one sync at its end, and for as long as the disk takes for that, every other
/// sync waits, the ledgers' too. More syncs than SQLite asks for do no harm.
package enum PacedFiles {
    private static let name = "decree-paced"
    private static let pieceBytes = 256 << 10

    /// SQLite's own: it stays for as long as the process does.
    private static var usual: UnsafeMutablePointer<sqlite3_vfs>? { sqlite3_vfs_find("unix") }

    /// Behind SQLite's structure of an open file.
    private struct Trailer {
        let usual: UnsafePointer<sqlite3_io_methods>
        /// Written since the last sync.
        var unsyncedBytes = 0
        var pace = WritePace(at: .now)
    }

    private static let trailerOffset: Int = {
        let alignment = MemoryLayout<Trailer>.alignment
        return (Int(usual?.pointee.szOsFile ?? 0) + alignment - 1) / alignment * alignment
    }()

    /// Where SQLite's methods stand, and ours that take their place: there may be several kinds, one for each way of locking.
    private static let methods = Mutex<[UInt: UInt]>([:])

    /// The name under which connections find these files; nil where there are none.
    package static let registeredName: String? = {
        guard let usual else { return nil }
        let table = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        table.initialize(to: usual.pointee)
        table.pointee.zName = UnsafePointer(strdup(name))
        table.pointee.szOsFile = Int32(trailerOffset + MemoryLayout<Trailer>.size)
        table.pointee.xOpen = { _, path, file, flags, outFlags in
            guard let usual = PacedFiles.usual, let file else { return SQLITE_CANTOPEN }
            let code = usual.pointee.xOpen(usual, path, file, flags, outFlags)
            if code == SQLITE_OK, flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL) != 0 { pace(file) }
            return code
        }
        return sqlite3_vfs_register(table, 0) == SQLITE_OK ? name : nil
    }()

    private static func pace(_ file: UnsafeMutablePointer<sqlite3_file>) {
        guard let found = file.pointee.pMethods else { return }
        trailer(file).initialize(to: Trailer(usual: found))
        let place = methods.withLock { methods in
            if let known = methods[UInt(bitPattern: found)] { return known }
            let paced = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
            paced.initialize(to: found.pointee)
            paced.pointee.xWrite = { file, bytes, count, offset in
                file.map { PacedFiles.write(to: $0, bytes, count, at: offset) } ?? SQLITE_IOERR
            }
            paced.pointee.xSync = { file, flags in file.map { PacedFiles.sync($0, flags) } ?? SQLITE_IOERR }
            methods[UInt(bitPattern: found)] = UInt(bitPattern: paced)
            return UInt(bitPattern: paced)
        }
        file.pointee.pMethods = UnsafePointer(bitPattern: place)
    }

    private static func trailer(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<Trailer> {
        (UnsafeMutableRawPointer(file) + trailerOffset).assumingMemoryBound(to: Trailer.self)
    }

    private static func write(
        to file: UnsafeMutablePointer<sqlite3_file>, _ bytes: UnsafeRawPointer?, _ count: Int32, at offset: Int64
    ) -> Int32 {
        let trailer = trailer(file)
        let code = trailer.pointee.usual.pointee.xWrite(file, bytes, count, offset)
        trailer.pointee.unsyncedBytes += Int(count)
        guard code == SQLITE_OK, trailer.pointee.unsyncedBytes >= pieceBytes else { return code }
        let began = ContinuousClock.now
        let syncCode = sync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY)
        guard syncCode == SQLITE_OK else { return syncCode }
        let now = ContinuousClock.now
        usleep(UInt32(trailer.pointee.pace.rest(after: now - began, at: now) / .microseconds(1)))
        return SQLITE_OK
    }

    private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>, _ flags: Int32) -> Int32 {
        trailer(file).pointee.unsyncedBytes = 0
        return trailer(file).pointee.usual.pointee.xSync(file, flags)
    }
}
