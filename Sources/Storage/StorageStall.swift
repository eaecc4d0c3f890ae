import SQLite

/// What keeps a file from being written. It goes by itself, or when somebody who runs the machine does something.
package enum StorageObstacle: Hashable, Sendable {
    /// Another program holds the file's lock.
    case lock([LockHolder])
    /// A reader stays, and the write-ahead log has grown as far as it may.
    case reader([LockHolder])
    /// No room on the disk.
    case noRoom
}

/// A process that holds a lock of a database file.
package struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    package let process: Int32
    /// What the system calls the program; empty where it is not known.
    package let command: String

    package init(process: Int32, command: String) {
        self.process = process
        self.command = command
    }

    package var description: String { command.isEmpty ? "process \(process)" : "process \(process) (\(command))" }
}

/// A write waits: reported again and again while that lasts.
package struct StorageStall: Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// How long the write has waited, about.
    package let milliseconds: Int
    package let obstacle: StorageObstacle

    package init(path: String, milliseconds: Int, obstacle: StorageObstacle) {
        self.path = path
        self.milliseconds = milliseconds
        self.obstacle = obstacle
    }

    package var description: String {
        let waiting = "waiting for \(milliseconds) ms so far"
        switch obstacle {
        case .lock(let holders): return "\(path) is locked by \(Self.names(holders)); \(waiting)"
        case .reader(let holders):
            return
                "\(path) has a write-ahead log that can't be begun anew: \(Self.names(holders)) reads from it in a transaction that stays "
                + "open; \(waiting)"
        case .noRoom: return "\(path): no room on the disk; \(waiting): make room, and it goes on by itself"
        }
    }

    private static func names(_ holders: [LockHolder]) -> String {
        holders.isEmpty ? "another program" : holders.map(\.description).joined(separator: ", ")
    }
}

extension StorageObstacle {
    /// What SQLite could not do, and can be asked again; nil for what ends the use of the file.
    init?(_ error: SQLiteError) {
        switch error.kind {
        case .busy: self = .lock([])
        case .full: self = .noRoom
        case .corrupt, .inputOutput, .other: return nil
        }
    }

    func named(_ holders: () -> [LockHolder]) -> StorageObstacle {
        switch self {
        case .lock: .lock(holders())
        case .reader: .reader(holders())
        case .noRoom: .noRoom
        }
    }
}
