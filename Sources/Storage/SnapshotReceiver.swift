import KeyValue
import Paxos
import Replica

/// A peer's snapshot while it comes in, piece by piece: `incoming-SLOT.part`, and beside it, in one line, what the whole of it is and
/// how much of it is durable. A transfer that breaks goes on there, also in the next life.
struct SnapshotReceiver: Sendable {
    private let folder: String
    private let fileSystem: any StorageFileSystem
    private(set) var incoming: Incoming?

    struct Incoming: Hashable, Sendable {
        let offer: SnapshotOffer
        var stored: UInt64 = 0
        fileprivate var synced: UInt64 = 0

        var isWhole: Bool { stored == offer.byteCount }
    }

    /// So much is lost at most when the power fails.
    private static let bytesBetweenSyncs: UInt64 = 4 << 20

    /// What an earlier life has received stays where its line is whole.
    init(folder: String, _ fileSystem: any StorageFileSystem) throws(StorageError) {
        self.folder = folder
        self.fileSystem = fileSystem
        for name in try fileSystem.names(in: folder).sorted() where name.hasPrefix("incoming-") {
            if incoming == nil, name.hasSuffix(".line"), let slot = UInt64(name.dropFirst(9).dropLast(5)) {
                incoming = try readLine(Slot(slot))
            }
        }
        try deleteOthers()
    }

    func partPath(_ slot: Slot) -> String { "\(folder)/incoming-\(slot.rawValue).part" }
    private func linePath(_ slot: Slot) -> String { "\(folder)/incoming-\(slot.rawValue).line" }

    /// How much is kept now. Pieces come in their order: one that leaves a gap, or is there already, changes nothing.
    mutating func store(_ chunk: SnapshotChunk) throws(StorageError) -> UInt64 {
        let offer = SnapshotOffer(slot: Slot(chunk.slot), byteCount: chunk.byteCount, hash: chunk.hash)
        if incoming?.offer != offer { try begin(offer) }
        guard var incoming, chunk.offset == incoming.stored, !chunk.bytes.isEmpty,
            chunk.offset + UInt64(chunk.bytes.count) <= offer.byteCount
        else { return incoming?.stored ?? 0 }
        try fileSystem.write(chunk.bytes, to: partPath(offer.slot), at: chunk.offset)
        incoming.stored += UInt64(chunk.bytes.count)
        if incoming.isWhole || incoming.stored >= incoming.synced + Self.bytesBetweenSyncs {
            try fileSystem.sync(partPath(offer.slot))
            incoming.synced = incoming.stored
            try writeLine(incoming)
        }
        self.incoming = incoming
        return incoming.stored
    }

    /// Gives the whole file the name `path`; it is not this receiver's any more.
    mutating func hand(over slot: Slot, to path: String) throws(StorageError) {
        try fileSystem.rename(partPath(slot), to: path)
        try fileSystem.delete(linePath(slot))
        try fileSystem.syncDirectory(folder)
        incoming = nil
    }

    mutating func drop() throws(StorageError) {
        incoming = nil
        try deleteOthers()
    }

    private mutating func begin(_ offer: SnapshotOffer) throws(StorageError) {
        try drop()
        try fileSystem.write([], to: partPath(offer.slot), at: 0)
        let incoming = Incoming(offer: offer)
        try writeLine(incoming)
        try fileSystem.syncDirectory(folder)
        self.incoming = incoming
    }

    private func deleteOthers() throws(StorageError) {
        let kept = incoming.map { [partPath($0.offer.slot), linePath($0.offer.slot)] } ?? []
        for name in try fileSystem.names(in: folder).sorted() where name.hasPrefix("incoming-") && !kept.contains(folder + "/" + name) {
            try fileSystem.delete(folder + "/" + name)
        }
    }

    /// Of a fixed length, within one sector: written over itself it is whole or the one before. Ends with its own checksum.
    private func writeLine(_ incoming: Incoming) throws(StorageError) {
        let numbers = [incoming.offer.slot.rawValue, incoming.offer.byteCount, incoming.offer.hash, incoming.synced]
        let check = numbers.reduce(UInt64(0)) { Checksum.combine($0, $1) }
        let line = (numbers + [check]).map(hexadecimal).joined(separator: " ") + "\n"
        try fileSystem.write(Array(line.utf8), to: linePath(incoming.offer.slot), at: 0)
        try fileSystem.sync(linePath(incoming.offer.slot))
    }

    private func readLine(_ slot: Slot) throws(StorageError) -> Incoming? {
        guard let length = try fileSystem.byteCount(of: partPath(slot)) else { return nil }
        let line = String(decoding: try fileSystem.read(linePath(slot), at: 0, count: 200), as: UTF8.self)
        let numbers = line.split { $0 == " " || $0 == "\n" }.compactMap { UInt64($0, radix: 16) }
        guard numbers.count == 5, numbers.prefix(4).reduce(UInt64(0), { Checksum.combine($0, $1) }) == numbers[4],
            numbers[0] == slot.rawValue, numbers[3] <= min(length, numbers[1])
        else { return nil }
        let offer = SnapshotOffer(slot: slot, byteCount: numbers[1], hash: numbers[2])
        return Incoming(offer: offer, stored: numbers[3], synced: numbers[3])
    }
}
