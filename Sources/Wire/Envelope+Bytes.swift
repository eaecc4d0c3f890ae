import NIOCore
import Paxos

/// Section kinds of the messages between replicas. These numbers are the wire format: none is ever given another meaning.
enum ReplicaKind: UInt8 {
    case introduction = 1
    case preVote = 2
    case preVoteReply = 3
    case prepare = 4
    case promise = 5
    case rejection = 6
    case accept = 7
    case accepted = 8
    case heartbeat = 9
    case heartbeatReply = 10
    case fetch = 11
    case chosenEntries = 12
    case handover = 13
}

/// Before every message between replicas: from incarnation u64, from boot u64, to incarnation u64, to boot u64,
/// configuration u64. The two nodes are those of the frame.
struct EnvelopePrefix {
    let from: (incarnation: Incarnation, boot: Boot)
    let to: (incarnation: Incarnation, boot: Boot)
    let configuration: UInt64

    init(from reader: inout BodyReader) throws(WireError) {
        from = (Incarnation(rawValue: try reader.integer()), Boot(rawValue: try reader.integer()))
        to = (Incarnation(rawValue: try reader.integer()), Boot(rawValue: try reader.integer()))
        configuration = try reader.number()
    }
}

extension Envelope {
    func write(to bytes: inout ByteBuffer) {
        bytes.writeMultipleIntegers(
            from.incarnation.rawValue, from.boot.rawValue, to.incarnation.rawValue, to.boot.rawValue, configuration, endianness: .little)
        message.write(to: &bytes)
    }

    init(kind: ReplicaKind, from sender: NodeID, to receiver: NodeID, reader: inout BodyReader) throws(WireError) {
        let prefix = try EnvelopePrefix(from: &reader)
        self.init(
            from: Party(node: sender, incarnation: prefix.from.incarnation, boot: prefix.from.boot),
            to: Party(node: receiver, incarnation: prefix.to.incarnation, boot: prefix.to.boot), configuration: prefix.configuration,
            message: try Message(kind: kind, from: &reader))
    }
}

extension Message {
    var kind: ReplicaKind {
        switch self {
        case .introduction: .introduction
        case .preVote: .preVote
        case .preVoteReply: .preVoteReply
        case .prepare: .prepare
        case .promise: .promise
        case .rejection: .rejection
        case .accept: .accept
        case .accepted: .accepted
        case .heartbeat: .heartbeat
        case .heartbeatReply: .heartbeatReply
        case .fetch: .fetch
        case .chosenEntries: .chosenEntries
        case .handover: .handover
        }
    }

    func write(to bytes: inout ByteBuffer) {
        switch self {
        case .introduction(let body): body.write(to: &bytes)
        case .preVote(let body): body.write(to: &bytes)
        case .preVoteReply(let body): body.write(to: &bytes)
        case .prepare(let body): body.write(to: &bytes)
        case .promise(let body): body.write(to: &bytes)
        case .rejection(let body): body.write(to: &bytes)
        case .accept(let body): body.write(to: &bytes)
        case .accepted(let body): body.write(to: &bytes)
        case .heartbeat(let body): body.write(to: &bytes)
        case .heartbeatReply(let body): body.write(to: &bytes)
        case .fetch(let body): body.write(to: &bytes)
        case .chosenEntries(let body): body.write(to: &bytes)
        case .handover(let body): body.write(to: &bytes)
        }
    }

    init(kind: ReplicaKind, from reader: inout BodyReader) throws(WireError) {
        switch kind {
        case .introduction: self = .introduction(try Introduction(from: &reader))
        case .preVote: self = .preVote(try PreVote(from: &reader))
        case .preVoteReply: self = .preVoteReply(try PreVoteReply(from: &reader))
        case .prepare: self = .prepare(try Prepare(from: &reader))
        case .promise: self = .promise(try Promise(from: &reader))
        case .rejection: self = .rejection(try Rejection(from: &reader))
        case .accept: self = .accept(try Accept(from: &reader))
        case .accepted: self = .accepted(try Accepted(from: &reader))
        case .heartbeat: self = .heartbeat(try Heartbeat(from: &reader))
        case .heartbeatReply: self = .heartbeatReply(try HeartbeatReply(from: &reader))
        case .fetch: self = .fetch(try Fetch(from: &reader))
        case .chosenEntries: self = .chosenEntries(try ChosenEntries(from: &reader))
        case .handover: self = .handover(try Handover(from: &reader))
        }
    }
}

extension Message {
    /// About how many bytes the entries in it take: enough to tell what can't stand in a datagram without writing it.
    package var entryByteCount: Int {
        switch self {
        case .accept(let accept): accept.entries.reduce(0) { $0 + $1.byteCount }
        case .chosenEntries(let chosen): chosen.entries.reduce(0) { $0 + $1.byteCount }
        case .promise(let promise): promise.entries.reduce(0) { $0 + $1.entry.byteCount }
        case .introduction, .preVote, .preVoteReply, .prepare, .rejection, .accepted, .heartbeat, .heartbeatReply, .fetch, .handover: 0
        }
    }
}
