import KeyValue
import Paxos
import Replica

/// `DIR/shard/snapshots/`: whole snapshots, `SLOT.sqlite` with their sizes and hashes in `SLOT.hash`, and what is on its way to become
/// one. No file in here is open in SQLite for longer than it is made or looked at, and none ever changes once it has its name.
struct SnapshotFolder: Sendable {
    let path: String
    let fileSystem: any StorageFileSystem
    /// Newest first.
    private(set) var kept: [SnapshotOffer] = []
    /// Read from since the last one was added: somebody may be in the middle of it.
    private var inUse: Set<Slot> = []
    /// Their bytes were found to be those of their hash, in this life.
    private var verified: Set<Slot> = []

    /// A copy of the table that is not whole yet.
    var makingPath: String { path + "/making.sqlite" }
    /// What is about to become the table.
    var adoptingPath: String { path + "/adopting.sqlite" }

    func filePath(_ slot: Slot) -> String { "\(path)/\(slot.rawValue).sqlite" }
    private func hashPath(_ slot: Slot) -> String { "\(path)/\(slot.rawValue).hash" }

    /// Deletes what an earlier life has left unfinished; what was being received stays.
    init(path: String, _ fileSystem: any StorageFileSystem) throws(StorageError) {
        self.path = path
        self.fileSystem = fileSystem
        try fileSystem.makeDirectory(path)
        let names = try fileSystem.names(in: path).sorted()
        try clearMaking()
        try clearAdopting()
        var slots = Set<Slot>()
        for name in names {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 2, parts[1] == "sqlite" || parts[1] == "hash", let slot = UInt64(parts[0]) { slots.insert(Slot(slot)) }
        }
        for slot in slots.sorted(by: >) {
            if let offer = try Self.offer(at: slot, in: path, fileSystem) { kept.append(offer) } else { try delete(slot) }
        }
    }

    func clearMaking() throws(StorageError) { try clear("making.") }

    func clearAdopting() throws(StorageError) { try clear("adopting.") }

    private func clear(_ prefix: String) throws(StorageError) {
        for name in try fileSystem.names(in: path).sorted() where name.hasPrefix(prefix) { try fileSystem.delete(path + "/" + name) }
    }

    /// The newest at `slot` or above, whole as far as its name says.
    func newest(atLeast slot: Slot) -> SnapshotOffer? { kept.first.flatMap { $0.slot >= slot ? $0 : nil } }

    func offer(at slot: Slot) -> SnapshotOffer? { kept.first { $0.slot == slot } }

    /// What stands at `makingPath`, closed, becomes the snapshot at `slot`, durable; beyond `countMax` the oldest go, but none that is
    /// being read.
    mutating func keep(_ slot: Slot, countMax: Int) throws(StorageError) -> SnapshotOffer {
        try fileSystem.sync(makingPath)
        let size = try fileSystem.byteCount(of: makingPath) ?? 0
        let hash = try SnapshotHash.of(makingPath, byteCount: size, fileSystem)
        let offer = SnapshotOffer(slot: slot, byteCount: size, hash: hash)
        try delete(slot)
        try fileSystem.write(Array("\(slot.rawValue) \(size) \(hexadecimal(hash))\n".utf8), to: hashPath(slot), at: 0)
        try fileSystem.sync(hashPath(slot))
        try fileSystem.rename(makingPath, to: filePath(slot))
        try fileSystem.syncDirectory(path)
        kept.append(offer)
        kept.sort { $0.slot > $1.slot }
        verified.insert(slot)
        for old in kept.dropFirst(max(1, countMax)) where !inUse.contains(old.slot) && old.slot != slot { try delete(old.slot) }
        inUse = []
        return offer
    }

    mutating func delete(_ slot: Slot) throws(StorageError) {
        // A hash without a file is nothing; a file without its hash would be nothing, too.
        try fileSystem.delete(filePath(slot))
        try fileSystem.delete(hashPath(slot))
        kept.removeAll { $0.slot == slot }
        verified.remove(slot)
        inUse.remove(slot)
    }

    /// Reads the whole file where that has not been done in this life. False where the disk has changed it: then it is gone.
    mutating func isSound(_ offer: SnapshotOffer) throws(StorageError) -> Bool {
        if verified.contains(offer.slot) { return true }
        guard try fileSystem.byteCount(of: filePath(offer.slot)) == offer.byteCount,
            try SnapshotHash.of(filePath(offer.slot), byteCount: offer.byteCount, fileSystem) == offer.hash
        else {
            try delete(offer.slot)
            return false
        }
        verified.insert(offer.slot)
        return true
    }

    mutating func read(_ offer: SnapshotOffer, at offset: UInt64) throws(StorageError) -> [UInt8] {
        inUse.insert(offer.slot)
        return try fileSystem.read(filePath(offer.slot), at: offset, count: SnapshotChunk.bytesMax)
    }

    /// What the line beside it says of the snapshot at `slot`; nil where either is missing, or they do not fit.
    static func offer(at slot: Slot, in folder: String, _ fileSystem: any StorageFileSystem) throws(StorageError) -> SnapshotOffer? {
        let path = "\(folder)/\(slot.rawValue)"
        guard let length = try fileSystem.byteCount(of: path + ".hash"), length < 200,
            let size = try fileSystem.byteCount(of: path + ".sqlite")
        else { return nil }
        let line = String(decoding: try fileSystem.read(path + ".hash", at: 0, count: Int(length)), as: UTF8.self)
        let words = line.split { $0 == " " || $0 == "\n" }
        guard line.hasSuffix("\n"), words.count == 3, UInt64(words[0]) == slot.rawValue, UInt64(words[1]) == size,
            let hash = UInt64(words[2], radix: 16)
        else { return nil }
        return SnapshotOffer(slot: slot, byteCount: size, hash: hash)
    }
}

/// The `Checksum` of a snapshot's whole file, read in pieces. Part of the disk and wire formats.
enum SnapshotHash {
    static func of(_ path: String, byteCount: UInt64, _ fileSystem: any StorageFileSystem) throws(StorageError) -> UInt64 {
        var hash = ChecksumStream()
        var offset: UInt64 = 0
        while offset < byteCount {
            let piece = try fileSystem.read(path, at: offset, count: SnapshotChunk.bytesMax)
            // Shorter than it was: another hash, whatever the rest is.
            guard !piece.isEmpty else { return ~hash.checksum }
            hash.add(piece)
            offset += UInt64(piece.count)
        }
        return hash.checksum
    }
}
