import FaultVFS
import SQLite

/// A database that commits at random, crashes, and is compared with what it had acknowledged.
struct CrashingDatabase {
    let machine: Machine
    let synchronous: String
    private var random: SplitMix64
    /// The rows after each commit; a commit's number is its place. The first is the empty table.
    private var states: [[Int64: Int64]] = [[:]]
    private static let path = "/node/data.sqlite"

    init(seed: UInt64, synchronous: String) throws {
        machine = try Machine(seed: seed)
        self.synchronous = synchronous
        random = SplitMix64(seed: seed)
    }

    /// The first property that does not hold; nil where all do.
    mutating func violation(crashes: Int) throws -> String? {
        for crash in 1...crashes {
            let stop = Nth(Int.random(in: 1...150, using: &random))
            machine.disk.watch { $0.action.changesDisk && stop.isReached() ? .powerLoss : nil }
            let acknowledged = commitUntilCrash()
            machine.disk.watch(nil)
            try machine.crash(seed: random.next())
            if let violation = check(acknowledged: acknowledged) { return "crash \(crash): \(violation)" }
        }
        return nil
    }

    /// The number of the last commit that returned.
    private mutating func commitUntilCrash() -> Int {
        var acknowledged = states.count - 1
        do {
            let connection = try Connection(path: Self.path, access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
            try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous)")
            try connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, value INTEGER, padding BLOB)")
            while !machine.disk.isHalted {
                var rows = states[acknowledged]
                let number = acknowledged + 1
                let transaction = try connection.begin()
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    let id = Int64.random(in: 1...40, using: &random)
                    let length = Int.random(in: 0...1500, using: &random)
                    try connection.execute("INSERT OR REPLACE INTO rows VALUES (\(id), \(number), zeroblob(\(length)))")
                    rows[id] = Int64(number)
                }
                // Issued before it is acknowledged: the crash may keep it.
                states = Array(states[...acknowledged]) + [rows]
                try transaction.commit()
                acknowledged = number
                if Int.random(in: 0..<8, using: &random) == 0 { _ = try connection.checkpoint(.passive) }
            }
        } catch {}
        return acknowledged
    }

    private mutating func check(acknowledged: Int) -> String? {
        do {
            let connection = try Connection(path: Self.path, access: .readWrite, busyTimeout: 0, vfs: machine.vfs.name)
            let integrity = try connection.text("PRAGMA integrity_check")
            guard integrity == "ok" else { return "integrity: \(integrity ?? "none")" }
            var rows: [Int64: Int64] = [:]
            if try connection.integer("SELECT count(*) FROM sqlite_schema") == 1 {
                let statement = try connection.prepare("SELECT id, value FROM rows")
                while try statement.step() { rows[statement.integer(0)] = statement.integer(1) }
            }
            guard let found = states[acknowledged...].firstIndex(of: rows) else {
                return "the rows are not those of commit \(acknowledged) or later"
            }
            states = Array(states[...found])
            return nil
        } catch {
            return "\(error)"
        }
    }
}
