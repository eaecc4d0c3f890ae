import FaultVFS

/// How large one database and its write-ahead log may become.
final class FileCheck {
    private let disk: SimulatedDisk
    private let path: String
    private let checkpointFrames: Int
    private static let pageBytes = 4096
    private static let frameBytes = 4096 + 24
    private static let logHeaderBytes = 32
    /// Schema, first pages, and pages that are free for a while.
    private static let basePages = 40
    /// What any piece of work has written to logs at most: no commit was larger.
    private var commitBytesMax = 0
    private var foundBytes = 0
    private var most = Content()

    /// What has to have room.
    struct Content {
        var bytes = 0
        var rows = 0
        /// Rows that have pages of their own.
        var largeRows = 0

        static let largeRowBytesMin = 900

        mutating func add(bytes count: Int) {
            bytes += count
            rows += 1
            if count >= Self.largeRowBytesMin { largeRows += 1 }
        }
    }

    init(_ disk: SimulatedDisk, path: String, checkpointFrames: Int) {
        self.disk = disk
        self.path = path
        self.checkpointFrames = checkpointFrames
    }

    /// A new life appends to the log that it finds, since what the last one had copied of it is not written down, until its own first
    /// checkpoint.
    func lifeBegins() { foundBytes = disk.byteCount(of: path + "-wal") }

    /// The log grows as long as the reader stays, until nothing more is written; and what it has grown to is kept for a while.
    func readerComes(framesMax: Int) { foundBytes = max(foundBytes, Self.logHeaderBytes + framesMax * Self.frameBytes) }

    /// After a piece of work, before which so many bytes had been written to logs. A log begins anew at the first commit after a
    /// checkpoint, which comes once so many frames are in it; where that commit is large itself, one more may come before the next.
    func logProblem(since bytesBefore: Int) -> String? {
        commitBytesMax = max(commitBytesMax, disk.counters.writeAheadLog.bytesWritten - bytesBefore)
        let size = disk.byteCount(of: path + "-wal")
        let most = max(foundBytes, Self.logHeaderBytes + checkpointFrames * Self.frameBytes) + 2 * commitBytesMax
        return size > most ? "bounds: \(path)-wal has \(size) bytes, and \(most) is the most" : nil
    }

    /// Free pages are used again, pages are half full at least, and a large row leaves less than two pages unused.
    func problem(_ content: Content) -> String? {
        most.bytes = max(most.bytes, content.bytes)
        most.rows = max(most.rows, content.rows)
        most.largeRows = max(most.largeRows, content.largeRows)
        let size = disk.byteCount(of: path)
        let bound = Self.basePages * Self.pageBytes + 2 * (most.bytes + most.rows * 64) + most.largeRows * 2 * Self.pageBytes
        return size > bound ? "bounds: \(path) has \(size) bytes for \(most.rows) rows, and \(bound) is the most" : nil
    }
}
