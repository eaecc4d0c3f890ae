import NIOCore
import Paxos

// Birth, elections and the lease's end.

extension Introduction: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        bytes.writeInteger(stage.rawValue)
        bytes.writeFlag(wantsAnswer)
        origin.slot.write(to: &bytes)
        bytes.writeLittle(origin.hash)
        members.writeMembers(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        guard let stage = Stage(rawValue: try reader.integer()) else { throw .malformed("stage") }
        let wantsAnswer = try reader.flag()
        let origin = Origin(slot: try Slot(from: &reader), hash: try reader.integer())
        self.init(stage: stage, members: try .readMembers(from: &reader), origin: origin, wantsAnswer: wantsAnswer)
    }
}

extension PreVote: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(ballot: try Ballot(from: &reader), chosenUpTo: try Slot(from: &reader))
    }
}

extension PreVoteReply: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        bytes.writeFlag(isGranted)
        promised.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(ballot: try Ballot(from: &reader), isGranted: try reader.flag(), promised: try Ballot(from: &reader))
    }
}

extension Prepare: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        from.write(to: &bytes)
        released.writeOptional(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(ballot: try Ballot(from: &reader), from: try Slot(from: &reader), released: try Ballot?.readOptional(from: &reader))
    }
}

extension Promise: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
        bytes.writeLittle(part)
        bytes.writeLittle(parts)
        entries.writeSlotted(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        let ballot = try Ballot(from: &reader)
        let chosenUpTo = try Slot(from: &reader)
        let part = try reader.integer(as: UInt16.self)
        let parts = try reader.integer(as: UInt16.self)
        guard part < parts else { throw .malformed("part of a promise") }
        self.init(ballot: ballot, chosenUpTo: chosenUpTo, part: part, parts: parts, entries: try .readSlotted(from: &reader))
    }
}

extension Rejection: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        promised.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(ballot: try Ballot(from: &reader), promised: try Ballot(from: &reader))
    }
}

extension Handover: WireCoded {
    func write(to bytes: inout ByteBuffer) { ballot.write(to: &bytes) }
    init(from reader: inout BodyReader) throws(WireError) { self.init(ballot: try Ballot(from: &reader)) }
}
