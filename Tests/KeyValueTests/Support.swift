import KeyValue

/// SplitMix64: the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From few, so that they meet often.
    mutating func key() -> [UInt8] { bytes("key\(Int.random(in: 0..<6, using: &self))") }

    mutating func value() -> [UInt8] {
        Bool.random(using: &self)
            ? bytes(String(Int.random(in: -20...20, using: &self)))
            : (0..<Int.random(in: 0...40, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func condition() -> Mutation.Condition {
        switch Int.random(in: 0..<6, using: &self) {
        case 0: .ifAbsent
        case 1: .ifPresent
        case 2: .ifEqual(value())
        default: .always
        }
    }

    mutating func keys() -> [[UInt8]] { (0..<Int.random(in: 0...4, using: &self)).map { _ in key() } }

    /// One of those that go through a session's sequences.
    mutating func mutation() -> Mutation {
        switch Int.random(in: 0..<7, using: &self) {
        case 0: .setMany(pairs: keys().map { Mutation.Pair(key: $0, value: value()) })
        case 1: .delete(keys: keys())
        case 2: .getAndDelete(key: key())
        case 3: .append(key: key(), value: value())
        case 4: .increment(key: key(), by: Int64.random(in: -3...3, using: &self))
        default: .set(key: key(), value: value(), condition: condition(), returnsPrevious: Bool.random(using: &self))
        }
    }
}

func bytes(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

extension Mutation {
    static func set(
        _ key: String, _ value: String, _ condition: Condition = .always, returnsPrevious: Bool = false
    ) -> Mutation {
        .set(key: bytes(key), value: bytes(value), condition: condition, returnsPrevious: returnsPrevious)
    }

    static func increment(_ key: String, by amount: Int64 = 1) -> Mutation { .increment(key: bytes(key), by: amount) }

    static func append(_ key: String, _ value: String) -> Mutation { .append(key: bytes(key), value: bytes(value)) }

    static func delete(_ keys: String...) -> Mutation { .delete(keys: keys.map(bytes)) }
}

extension Outcome {
    static func value(_ text: String) -> Outcome { .value([UInt8](text.utf8)) }
}

/// A shard with one client, which numbers its commands and leaves retries to the test.
struct Shard {
    static let session = SessionID(node: 1, random: 7)

    var table: ReferenceTable
    var stamp: UInt64 = 1_000
    private var sequence: UInt64 = 0

    init(machine: StateMachine = StateMachine(), timeToLive: UInt64 = 10_000) throws {
        table = ReferenceTable(machine: machine)
        try send(.openSession(timeToLive: timeToLive), sequence: 0)
    }

    /// The client's next command, once everything before it has been answered.
    @discardableResult
    mutating func run(_ mutation: Mutation) throws -> Outcome {
        sequence += 1
        return try send(mutation, sequence: sequence, answeredBelow: sequence)
    }

    @discardableResult
    mutating func send(
        _ mutation: Mutation, sequence: UInt64, answeredBelow: UInt64 = 1, previous: UInt64 = 0, session: SessionID = Shard.session
    ) throws -> Outcome {
        let command = SessionCommand(
            session: session, sequence: sequence, answeredBelow: answeredBelow, previous: previous, mutation: mutation)
        return try table.apply(command, slot: table.appliedUpTo + 1, stamp: stamp)
    }

    func value(_ key: String) throws -> String? {
        guard case .value(let value?) = try table.answer(.get(key: bytes(key))) else { return nil }
        return String(decoding: value, as: UTF8.self)
    }
}
