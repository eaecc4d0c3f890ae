import NIOCore
import Paxos

// An entry on the wire: [slot u64] [ballot] stamp u64, kind u8, length u32, payload. Kind and payload are those of a
// ledger row (`Entry.Content`). Slot and ballot stand there only where the message doesn't give them once for all entries.

extension Entry {
    /// Of the smallest entry without slot and ballot.
    static let byteCountMin = 13

    func writeWithoutBallot(to bytes: inout ByteBuffer) {
        stamp.write(to: &bytes)
        bytes.writeInteger(content.kind)
        switch content {
        case .command(let command): bytes.writeByteString(command)
        case .noOperation, .configuration: bytes.writeByteString(content.payload)
        }
    }

    init(ballot: Ballot, from reader: inout BodyReader) throws(WireError) {
        let stamp = try Stamp(from: &reader)
        let kind = try reader.integer(as: UInt8.self)
        guard let content = Content(kind: kind, payload: try reader.byteString()) else { throw .malformed("content of an entry") }
        self.init(ballot: ballot, stamp: stamp, content: content)
    }
}

extension [Entry] {
    /// Each entry's own ballot stands before it.
    func writeWithBallots(to bytes: inout ByteBuffer) {
        bytes.writeLittle(UInt32(count))
        for entry in self {
            entry.ballot.write(to: &bytes)
            entry.writeWithoutBallot(to: &bytes)
        }
    }

    static func readWithBallots(from reader: inout BodyReader) throws(WireError) -> [Entry] {
        let count = try reader.count(itemSize: Ballot.byteCount + Entry.byteCountMin)
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try Entry(ballot: try Ballot(from: &reader), from: &reader)) }
        return entries
    }

    /// All were accepted at one ballot, which the message names.
    func writeWithoutBallots(to bytes: inout ByteBuffer) {
        bytes.writeLittle(UInt32(count))
        for entry in self { entry.writeWithoutBallot(to: &bytes) }
    }

    static func read(acceptedAt ballot: Ballot, from reader: inout BodyReader) throws(WireError) -> [Entry] {
        let count = try reader.count(itemSize: Entry.byteCountMin)
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try Entry(ballot: ballot, from: &reader)) }
        return entries
    }
}

extension [SlottedEntry] {
    func writeSlotted(to bytes: inout ByteBuffer) {
        bytes.writeLittle(UInt32(count))
        for slotted in self {
            slotted.slot.write(to: &bytes)
            slotted.entry.ballot.write(to: &bytes)
            slotted.entry.writeWithoutBallot(to: &bytes)
        }
    }

    static func readSlotted(from reader: inout BodyReader) throws(WireError) -> [SlottedEntry] {
        let count = try reader.count(itemSize: 8 + Ballot.byteCount + Entry.byteCountMin)
        var entries: [SlottedEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let slot = try Slot(from: &reader)
            if let last = entries.last, last.slot >= slot { throw .malformed("entries out of order") }
            entries.append(SlottedEntry(slot: slot, entry: try Entry(ballot: try Ballot(from: &reader), from: &reader)))
        }
        return entries
    }
}

extension [Configuration.Member] {
    /// Per member: node u16, incarnation u64, voter u8.
    private static var memberSize: Int { 11 }

    func writeMembers(to bytes: inout ByteBuffer) {
        bytes.writeLittle(UInt32(count))
        for member in self {
            member.node.write(to: &bytes)
            bytes.writeLittle(member.incarnation.rawValue)
            bytes.writeFlag(member.isVoter)
        }
    }

    static func readMembers(from reader: inout BodyReader) throws(WireError) -> [Configuration.Member] {
        let count = try reader.count(itemSize: memberSize)
        var members: [Configuration.Member] = []
        members.reserveCapacity(count)
        for _ in 0..<count {
            let node = try NodeID(from: &reader)
            if let last = members.last, last.node >= node { throw .malformed("members out of order") }
            let incarnation = Incarnation(rawValue: try reader.integer())
            members.append(Configuration.Member(node: node, incarnation: incarnation, isVoter: try reader.flag()))
        }
        return members
    }
}
