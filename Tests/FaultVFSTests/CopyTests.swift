import FaultVFS
import SQLite
import Testing

@Suite("A copy of a disk as a loss of power would leave it")
struct CopyTests {
    /// Also what the copy goes through changes nothing of the disk that it was made of.
    @Test(arguments: 1...20)
    func itHasWhatWasSyncedAndTheDiskGoesOn(seed: UInt64) throws {
        let machine = try Machine(seed: seed)
        let path = "/node/numbers.sqlite"
        let database = try Connection(path: path, access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
        try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE numbers (number INTEGER)")
        try database.execute("INSERT INTO numbers VALUES (1)")
        try database.execute("PRAGMA synchronous = OFF; INSERT INTO numbers VALUES (2)")

        let copy = FaultVFS(name: "copy\(seed) of \(machine.vfs.name)", disk: machine.disk.copyWithoutPower(seed: seed))
        try copy.register()
        defer { copy.unregister() }
        let found = try Connection(path: path, access: .readOnly, busyTimeout: 0, vfs: copy.name)
        #expect([1, 2].contains(try found.integer("SELECT count(*) FROM numbers")))
        #expect(try found.integer("SELECT min(number) FROM numbers") == 1)

        try database.execute("INSERT INTO numbers VALUES (3)")
        #expect(try database.integer("SELECT sum(number) FROM numbers") == 6)
        #expect(machine.vfs.process.isAlive)
    }
}
