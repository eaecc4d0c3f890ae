/// What a file is to SQLite.
package enum FileKind: Hashable, Sendable {
    case database
    case writeAheadLog
    /// A rollback journal: SQLite makes one while it switches a new file to its write-ahead log.
    case journal
    /// A temporary file, or a directory.
    case other
}

/// What was asked of a disk since it was made, faults included.
package struct DiskCounters: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var reads = 0
        package var writes = 0
        package var bytesWritten = 0
        package var syncs = 0
    }

    package var database = File()
    package var writeAheadLog = File()
    package var journal = File()
    package var other = File()

    package subscript(kind: FileKind) -> File {
        get {
            switch kind {
            case .database: database
            case .writeAheadLog: writeAheadLog
            case .journal: journal
            case .other: other
            }
        }
        set {
            switch kind {
            case .database: database = newValue
            case .writeAheadLog: writeAheadLog = newValue
            case .journal: journal = newValue
            case .other: other = newValue
            }
        }
    }

    package var syncs: Int { database.syncs + writeAheadLog.syncs + journal.syncs + other.syncs }

    mutating func count(_ operation: Operation) {
        switch operation.action {
        case .read: self[operation.file].reads += 1
        case .write:
            self[operation.file].writes += 1
            self[operation.file].bytesWritten += operation.byteCount
        case .sync: self[operation.file].syncs += 1
        case .syncDirectory: other.syncs += 1
        case .open, .truncate, .delete, .makeDirectory: break
        }
    }
}
