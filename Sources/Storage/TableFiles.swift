import Paxos
import SQLite

/// The files of a replica's tables in its directory, by their names: of each generation one, with what SQLite keeps beside it.
struct TableFiles: Sendable {
    private let directory: String
    private let fileSystem: any StorageFileSystem

    init(_ directory: String, _ fileSystem: any StorageFileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    private static let companions = ["-wal", "-shm", "-journal"]

    /// Of the files that are there, in no order.
    func generations() throws(StorageError) -> [UInt64] {
        try fileSystem.names(in: directory).compactMap { ReplicaDirectory.tableGeneration(ofName: $0[...]) }
    }

    /// Of no file, nor of what SQLite has left beside one: it must not be taken for the new file's.
    func nextGeneration(above generation: UInt64) throws(StorageError) -> UInt64 {
        let names = try fileSystem.names(in: directory)
        let taken = names.compactMap { (name) -> UInt64? in
            let companion = Self.companions.first { name.hasSuffix($0) }
            return ReplicaDirectory.tableGeneration(ofName: name.dropLast(companion?.count ?? 0))
        }
        return max(generation, taken.max() ?? 0) + 1
    }

    /// The file at `path`, which nobody has open, becomes the next generation's table, durable under its name. The ledger does not
    /// name it yet.
    func adopt(
        _ path: String, as expected: TableState, forgetsSessions: Bool = false, _ medium: StorageMedium
    ) throws(StorageError) -> TableState {
        let generation = try nextGeneration(above: expected.generation)
        let state = TableState(owner: expected.owner, incarnation: expected.incarnation, generation: generation)
        try SnapshotFile.adopt(path, as: state, forgetsSessions: forgetsSessions, medium)
        try fileSystem.rename(path, to: ReplicaDirectory.tablePath(directory, generation: generation))
        try fileSystem.syncDirectory(directory)
        return state
    }

    /// Nobody in this process has it open, and the ledger names another. What SQLite keeps beside it goes first: it must not be left.
    func delete(_ path: String) throws(StorageError) {
        for companion in Self.companions { try fileSystem.delete(path + companion) }
        try fileSystem.delete(path)
    }

    func deleteOthers(than generation: UInt64) throws(StorageError) {
        for other in try generations().sorted() where other != generation {
            try delete(ReplicaDirectory.tablePath(directory, generation: other))
        }
    }
}
