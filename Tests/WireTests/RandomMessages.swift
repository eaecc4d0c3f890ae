import KeyValue
import NIOCore
import Paxos
import Sharding
import Wire

/// SplitMix64: the same seed gives the same messages.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

let one = NodeID(rawValue: 1)
let two = NodeID(rawValue: 2)

func cluster(
    _ name: String = "test", nodes: [String] = ["alpha", "beta", "gamma"], shards: [String] = []
) -> ClusterDescription {
    let address = Address(host: "127.0.0.1", port: 1)
    let described = nodes.enumerated().map { index, name in
        NodeDescription(id: NodeID(rawValue: UInt16(index + 1)), name: name, datacenter: name, peer: address, client: address, http: nil)
    }
    let parts = shards.map { line in
        let words = line.split(separator: ": ").map(String.init)
        let bounds = words[1].split(separator: ".")
        let keys = KeyRange(lower: Array(bounds[0].utf8), upper: Array(bounds[1].utf8), text: words[1])
        return ShardDescription(id: ShardID(name: words[0]), name: words[0], keys: keys, preferredLeader: nil)
    }
    return ClusterDescription(name: name, nodes: described, shards: parts, settings: ClusterSettings())
}

/// Makes messages with contents of every kind.
struct MessageMaker {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func number() -> UInt64 { UInt64.random(in: 0...(1 << 60), using: &generator) >> UInt64.random(in: 0..<60, using: &generator) }
    mutating func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &generator) }
    mutating func coin() -> Bool { Bool.random(using: &generator) }
    mutating func word() -> UInt64 { generator.next() }
    mutating func slot() -> Slot { Slot(number()) }
    mutating func node() -> NodeID { NodeID(rawValue: UInt16.random(in: 0...9, using: &generator)) }
    mutating func ballot() -> Ballot { Ballot(round: number(), node: node()) }
    mutating func instant() -> Instant { Instant(nanoseconds: Int64(number())) }
    mutating func acknowledgement() -> Acknowledgement { Acknowledgement(ballot: ballot(), upTo: slot()) }
    mutating func bytes(_ limit: Int) -> [UInt8] {
        let length = count(limit)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    mutating func members() -> [Configuration.Member] {
        let size = count(4)
        return (0..<size).map {
            Configuration.Member(node: NodeID(rawValue: UInt16($0 * 3)), incarnation: Incarnation(rawValue: word()), isVoter: coin())
        }
    }

    mutating func entry(ballot: Ballot) -> Entry {
        let content: Entry.Content =
            switch count(2) {
            case 0: .noOperation
            case 1: .configuration(Configuration(number: word(), members: members()))
            default: .command(bytes(40))
            }
        return Entry(ballot: ballot, stamp: Stamp(rawValue: number()), content: content)
    }

    mutating func entries(ballot fixed: Ballot? = nil) -> [Entry] {
        let size = count(5)
        return (0..<size).map { _ in entry(ballot: fixed ?? ballot()) }
    }

    mutating func slotted() -> [SlottedEntry] {
        let start = number() >> 1
        return entries().enumerated().map { SlottedEntry(slot: Slot(start + UInt64($0) * 7), entry: $1) }
    }

    /// One of each kind.
    mutating func messages() -> [Message] {
        let proposed = ballot()
        let stage = Stage(rawValue: UInt8(count(3))) ?? .born
        let lease = Span(nanoseconds: Int64(number()))
        return [
            .introduction(Introduction(stage: stage, members: members(), origin: Origin(slot: slot(), hash: word()), wantsAnswer: coin())),
            .preVote(PreVote(ballot: ballot(), chosenUpTo: slot())),
            .preVoteReply(PreVoteReply(ballot: ballot(), isGranted: coin(), promised: ballot())),
            .prepare(Prepare(ballot: ballot(), from: slot(), released: coin() ? ballot() : nil)),
            .promise(
                Promise(ballot: ballot(), chosenUpTo: slot(), part: UInt16(count(4)), parts: UInt16(5 + count(4)), entries: slotted())),
            .rejection(Rejection(ballot: ballot(), promised: ballot())),
            .accept(
                Accept(ballot: proposed, ballotFirst: slot(), chosenUpTo: slot(), first: slot(), entries: entries(ballot: proposed))),
            .accepted(Accepted(acknowledgement: acknowledgement(), hasGap: coin())),
            .heartbeat(
                Heartbeat(
                    ballot: ballot(), ballotFirst: slot(), chosenUpTo: slot(), sentAt: instant(), lease: lease,
                    lastAcknowledged: acknowledgement(), answeredProbe: coin() ? instant() : nil)),
            .heartbeatReply(
                HeartbeatReply(
                    ballot: ballot(), sentAt: instant(), acknowledgement: acknowledgement(), chosenUpTo: slot(), appliedUpTo: slot(),
                    probe: instant(), hasRoom: coin())),
            .fetch(Fetch(from: slot(), through: slot())),
            .chosenEntries(ChosenEntries(first: slot(), entries: entries(), chosenUpTo: slot(), compactedUpTo: slot())),
            .handover(Handover(ballot: ballot())),
        ]
    }

    mutating func party(_ node: NodeID) -> Party {
        Party(node: node, incarnation: Incarnation(rawValue: word()), boot: Boot(rawValue: word()))
    }

    mutating func services() -> [ServiceMessage] {
        let session = SessionID(rawValue: word())
        let outcomes: [Outcome] = [
            .done, .set(isApplied: coin(), previous: coin() ? bytes(9) : nil), .value(bytes(20)), .values([bytes(3), nil]),
            .integer(Int64(bitPattern: word())), .page(next: word(), keys: [bytes(5)]), .type("string"), .failed(.overflow),
        ]
        return outcomes.map { .outcome(session: session, sequence: word(), $0) } + [
            .propose(session: session, sequence: word(), previous: word(), command: bytes(50)),
            .refused(session: session, sequence: word(), .notLeader(two.rawValue)),
            .refused(session: session, sequence: word(), .notLeader(nil)),
            .query(token: word(), .get(key: bytes(9))), .query(token: word(), .scan(after: word(), count: 3, pattern: nil)),
            .answer(token: word(), .value(nil)), .answerTooLarge(token: word(), byteCount: number()),
            .queryRefused(token: word(), .busy), .queryRefused(token: word(), .diskFull), .snapshotUnavailable,
            .tableHash(slot: number(), hash: word()),
            .snapshotWanted(SnapshotRequest(atLeast: number(), slot: number(), offset: number())),
            .snapshotChunk(
                SnapshotChunk(slot: number(), byteCount: number(), hash: word(), offset: number(), bytes: bytes(40))),
        ]
    }

    /// Every kind of section once or more, from node 1 to node 2.
    mutating func sections() -> [Section] {
        let shard = ShardID(rawValue: UInt32(truncatingIfNeeded: word()))
        let envelopes = messages().map {
            Section.envelope(Envelope(from: party(one), to: party(two), configuration: number(), message: $0), shard)
        }
        let links: [LinkMessage] = [.greeting, .probe(number: word(), padding: count(30)), .echo(number: word())]
        return envelopes + services().map { .service($0, shard) } + links.map { .link($0) }
    }
}

extension FrameCodec {
    func frame(of sections: [Section], to receiver: NodeID = two) -> ByteBuffer {
        var buffer = ByteBuffer()
        let start = openFrame(to: receiver, in: &buffer)
        for section in sections {
            switch section {
            case .envelope(let envelope, let shard): buffer.writeSection(envelope, shard: shard)
            case .service(let body, let shard): buffer.writeSection(body, shard: shard)
            case .link(let message): buffer.writeSection(message)
            }
        }
        closeFrame(startingAt: start, in: &buffer)
        return buffer
    }

    func sections(in datagram: ByteBuffer) throws(WireError) -> [Section] {
        var frame = try frame(datagram: datagram)
        var sections: [Section] = []
        while let section = try frame.nextSection() { sections.append(section) }
        return sections
    }
}
