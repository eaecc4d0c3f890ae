import SQLite
import Testing

@Suite struct PacedFilesTests {
    let directory = TemporaryDirectory()

    /// More than a piece at once, so that syncs come between the writes, and a checkpoint of it.
    @Test func whatIsWrittenInPiecesIsWhole() throws {
        let path = directory.path + "/paced.sqlite"
        let name = try #require(PacedFiles.registeredName)
        let rows = 2000
        do {
            let connection = try Connection(path: path, access: .readWrite, busyTimeout: 0, vfs: name)
            _ = try connection.text("PRAGMA journal_mode = WAL")
            try connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB)")
            let transaction = try connection.begin()
            try connection.execute(
                """
                INSERT INTO rows (id, bytes)
                WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < \(rows))
                SELECT id, zeroblob(2000) FROM ids
                """)
            try transaction.commit()
            #expect(try connection.checkpoint(.passive).isComplete)
        }
        let reader = try Connection(path: path, access: .readOnly, busyTimeout: 0)
        #expect(try reader.integer("SELECT sum(length(bytes)) FROM rows") == Int64(rows * 2000))
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
    }

    @Test func theWriterRestsAsTheSyncsTakeAndNeverForLong() {
        let start = ContinuousClock.now
        var pace = WritePace(at: start)
        #expect(pace.rest(after: .milliseconds(1), at: start) == .milliseconds(3))
        #expect(pace.rest(after: .milliseconds(200), at: start) == WritePace.restMax)
        // A slow disk's writer has used up its rest, and goes on without any.
        let rests = (0..<100).map { _ in pace.rest(after: .seconds(1), at: start + .seconds(4)) }
        #expect(rests.reduce(.milliseconds(13), +) == WritePace.restPerWindow)
        #expect(rests.last == .zero)
        #expect(pace.rest(after: .seconds(1), at: start + WritePace.window) == WritePace.restMax)
    }
}
