import NIOCore
import Paxos

// Phase 2, the leader's sign of life, and catch-up.

extension Accept: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        invariant(entries.allSatisfy { $0.ballot == ballot }, "an accept carries entries of its own ballot only")
        ballot.write(to: &bytes)
        ballotFirst.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
        first.write(to: &bytes)
        entries.writeWithoutBallots(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        let ballot = try Ballot(from: &reader)
        self.init(
            ballot: ballot, ballotFirst: try Slot(from: &reader), chosenUpTo: try Slot(from: &reader), first: try Slot(from: &reader),
            entries: try .read(acceptedAt: ballot, from: &reader))
    }
}

extension Accepted: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        acknowledgement.write(to: &bytes)
        bytes.writeFlag(hasGap)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(acknowledgement: try Acknowledgement(from: &reader), hasGap: try reader.flag())
    }
}

extension Heartbeat: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        ballotFirst.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
        sentAt.write(to: &bytes)
        lease.write(to: &bytes)
        lastAcknowledged.write(to: &bytes)
        answeredProbe.writeOptional(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(
            ballot: try Ballot(from: &reader), ballotFirst: try Slot(from: &reader), chosenUpTo: try Slot(from: &reader),
            sentAt: try Instant(from: &reader), lease: try Span(from: &reader), lastAcknowledged: try Acknowledgement(from: &reader),
            answeredProbe: try Instant?.readOptional(from: &reader))
    }
}

extension HeartbeatReply: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        ballot.write(to: &bytes)
        sentAt.write(to: &bytes)
        acknowledgement.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
        appliedUpTo.write(to: &bytes)
        probe.write(to: &bytes)
        bytes.writeFlag(hasRoom)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(
            ballot: try Ballot(from: &reader), sentAt: try Instant(from: &reader), acknowledgement: try Acknowledgement(from: &reader),
            chosenUpTo: try Slot(from: &reader), appliedUpTo: try Slot(from: &reader), probe: try Instant(from: &reader),
            hasRoom: try reader.flag())
    }
}

extension Fetch: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        from.write(to: &bytes)
        through.write(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        self.init(from: try Slot(from: &reader), through: try Slot(from: &reader))
    }
}

extension ChosenEntries: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        first.write(to: &bytes)
        chosenUpTo.write(to: &bytes)
        compactedUpTo.write(to: &bytes)
        entries.writeWithBallots(to: &bytes)
    }

    init(from reader: inout BodyReader) throws(WireError) {
        let first = try Slot(from: &reader)
        let chosenUpTo = try Slot(from: &reader)
        let compactedUpTo = try Slot(from: &reader)
        self.init(first: first, entries: try .readWithBallots(from: &reader), chosenUpTo: chosenUpTo, compactedUpTo: compactedUpTo)
    }
}
