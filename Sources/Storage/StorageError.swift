package import SQLite

/// Why a replica's files could not be opened, or can no longer be used: one line that says what to do.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The directory belongs to another cluster, node or shard, or the file is not ours at all.
        case foreign
        /// Another process uses the directory.
        case inUse
        /// Another program has held a file's lock for too long.
        case busy
        /// Written by a version of this software that this one does not know.
        case newerVersion
        /// What is on disk is not what was written: this replica must not vote.
        case damaged
        /// No room on the disk.
        case full
        /// The operating system failed us: nothing that was not acknowledged may be assumed, the process must end.
        case inputOutput
        /// A mistake in the program.
        case other
    }

    package let kind: Kind
    package let description: String

    /// The end of a line about a replica whose ledger, at `path`, may have forgotten what it promised or accepted.
    static func mustNotVote(_ path: String) -> String {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "its directory"
        return "this replica must not vote: move \(directory) away, start the node with an empty one, and give it its place again: "
            + "decree replace --endpoint HOST:PORT --node NAME"
    }

    static func locked(_ path: String) -> StorageError {
        StorageError(.busy, "\(path) is locked by another program (is a sqlite3 shell in a transaction?)")
    }

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What SQLite said about the file at `path`.
    package init(_ error: SQLiteError, path: String) {
        switch error.kind {
        case .busy: self = .locked(path)
        case .full: self.init(.full, "\(path): no room on the disk; make room and start again")
        case .corrupt:
            let advice = path.hasSuffix("ledger.sqlite") ? Self.mustNotVote(path) : "it has to be made again"
            self.init(.damaged, "\(path) is damaged: \(error); \(advice)")
        case .inputOutput: self.init(.inputOutput, "\(path): \(error); check the disk and the file's permissions, then start again")
        case .other: self.init(.other, "\(path): \(error)")
        }
    }
}
