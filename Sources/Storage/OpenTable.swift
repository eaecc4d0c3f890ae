import Paxos
import Replica

/// A table before it serves: both of its halves, on the thread that opens it.
struct OpenTable: ~Copyable {
    var file: TableFile
    var applied: AppliedTable

    init(path: String, medium: StorageMedium, expected: TableState, hashEvery: UInt64) throws(StorageError) {
        let file = try TableFile(path: path, medium: medium, expected: expected)
        applied = try AppliedTable(path: path, file.state, isRollingForward: true, medium: medium, hashEvery: hashEvery)
        self.file = file
    }

    /// A part of the log; what the commands came to was answered in an earlier life, or never will be. What memory has no room for goes
    /// into the file.
    mutating func replay(_ entries: [SlottedEntry]) throws(StorageError) {
        var outcomes: [AppliedCommand] = []
        var hashes: [TableHash] = []
        var rest = entries[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try applied.apply(rest, to: &outcomes, &hashes))
            guard applied.isFull else { continue }
            if let obstacle = try file.write(applied.takeBatch()) { throw StorageError(obstacle, path: file.path) }
            applied.batchIsWritten()
            _ = try file.checkpoint()
        }
    }
}

extension StorageError {
    /// What a start does not wait for any longer.
    fileprivate init(_ obstacle: StorageObstacle, path: String) {
        switch obstacle {
        case .lock: self = .locked(path)
        case .reader: self.init(.busy, "\(path) has a write-ahead log that can't be begun anew: another program reads from it")
        case .noRoom: self.init(.full, "\(path): no room on the disk")
        }
    }
}
