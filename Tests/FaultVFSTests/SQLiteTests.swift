import FaultVFS
import SQLite
import Testing

@Suite struct SQLiteTests {
    private func violations(_ synchronous: String, seeds: ClosedRange<UInt64>) throws -> [UInt64: String] {
        var found: [UInt64: String] = [:]
        for seed in seeds {
            var database = try CrashingDatabase(seed: seed, synchronous: synchronous)
            found[seed] = try database.violation(crashes: 3)
        }
        return found
    }

    @Test func whatIsSyncedSurvivesEveryCrash() throws {
        let found = try violations("FULL", seeds: 1...200)
        #expect(found.isEmpty, "by seed: \(found)")
    }

    /// If it did not, the test above would prove nothing.
    @Test(arguments: ["NORMAL", "OFF"]) func whatIsNotSyncedIsLost(synchronous: String) throws {
        #expect(try violations(synchronous, seeds: 1...40).count > 20)
    }

    @Test func theSameSeedCrashesToTheSameBytes() throws {
        func run() throws -> [[UInt8]?] {
            var database = try CrashingDatabase(seed: 7, synchronous: "FULL")
            _ = try database.violation(crashes: 3)
            // The log's salts are drawn from the program's random numbers, which other tests draw from as well.
            return [database.machine.disk.contents(of: "/node/data.sqlite")]
        }
        let first = try run()
        #expect(first[0]?.isEmpty == false)
        #expect(try run() == first)
    }

    /// Simulations that run side by side each seed it, beside whoever opens files of the real disk.
    @Test func seedingLeavesTheProgramsFileSystemAsItIs() async {
        await withDiscardingTaskGroup { group in
            for task: UInt64 in 1...4 {
                group.addTask {
                    for round in 1...2_000 {
                        FaultVFS.seedSQLite(task)
                        guard round.isMultiple(of: 100) else { continue }
                        // Found, and no database.
                        let error = #expect(throws: SQLiteError.self) {
                            let connection = try Connection(path: "/proc/self/exe", access: .readOnly, busyTimeout: 0)
                            _ = try connection.text("SELECT * FROM sqlite_schema")
                        }
                        #expect(error?.code == 26)
                    }
                }
            }
        }
    }

    @Test func twoConnectionsShareALog() throws {
        let machine = try Machine(seed: 1)
        let writer = try Connection(path: "/node/a.sqlite", access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
        let reader = try Connection(path: "/node/a.sqlite", access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
        #expect(try writer.text("PRAGMA journal_mode = WAL") == "wal")
        try writer.execute("CREATE TABLE t (n); INSERT INTO t VALUES (1)")
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM t") == 1)
        try writer.execute("INSERT INTO t VALUES (2)")
        #expect(try reader.integer("SELECT count(*) FROM t") == 1, "a reader stays at its moment")
        #expect(try writer.checkpoint(.passive).isComplete == false, "the reader stands in the log")
        try reader.execute("COMMIT")
        #expect(try reader.integer("SELECT count(*) FROM t") == 2)
        let transaction = try writer.begin()
        let error = #expect(throws: SQLiteError.self) { _ = try reader.begin() }
        #expect(error?.kind == .busy)
        try transaction.commit()
        #expect(try reader.checkpoint(.truncate).isComplete)
        #expect(machine.disk.contents(of: "/node/a.sqlite-wal") == [])
    }

    @Test func aDeadProcessChangesNothing() throws {
        let machine = try Machine(seed: 1)
        func connect() throws -> Connection {
            let connection = try Connection(path: "/node/a.sqlite", access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
            try connection.execute("PRAGMA journal_mode = WAL")
            return connection
        }
        do {
            let dead = try connect()
            try dead.execute("CREATE TABLE t (n); INSERT INTO t VALUES (1)")
            try machine.kill()
            let alive = try connect()
            try alive.execute("INSERT INTO t VALUES (2)")
            let before = [machine.disk.contents(of: "/node/a.sqlite"), machine.disk.contents(of: "/node/a.sqlite-wal")]
            #expect(throws: SQLiteError.self) { try dead.execute("INSERT INTO t VALUES (3)") }
            _ = consume dead
            #expect([machine.disk.contents(of: "/node/a.sqlite"), machine.disk.contents(of: "/node/a.sqlite-wal")] == before)
            #expect(try alive.integer("SELECT sum(n) FROM t") == 3)
        }
        #expect(try connect().integer("SELECT sum(n) FROM t") == 3)
    }

    @Test func timeAndChanceAreGiven() throws {
        let machine = try Machine(seed: 1)
        let connection = try Connection(path: "/node/a.sqlite", access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
        #expect(try connection.text("SELECT strftime('%Y-%m-%d %H:%M:%S', 'now')") == "2026-01-01 00:00:00")
    }

    @Test func everySyncAndByteIsCounted() throws {
        let machine = try Machine(seed: 1)
        let connection = try Connection(path: "/node/a.sqlite", access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n)")
        let before = machine.disk.counters
        try connection.execute("INSERT INTO t VALUES (1)")
        let after = machine.disk.counters
        #expect(after.writeAheadLog.syncs - before.writeAheadLog.syncs == 1)
        #expect(after.writeAheadLog.bytesWritten - before.writeAheadLog.bytesWritten == 24 + 4096, "one frame")
        #expect(after.database.writes == before.database.writes)
    }
}
