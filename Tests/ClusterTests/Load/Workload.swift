import Linearizability

/// What clients ask: a few tens of keys of both shards, each kind of key with its own commands, every value written once.
struct Workload {
    enum Target: Hashable, Comparable, Sendable {
        /// `SET`, `SET NX`, `SET IFEQ`, `GET`, `DEL`.
        case register(String)
        /// `INCR` and `GET`: never deleted, so that the sum can be checked.
        case counter(String)
        /// `APPEND`, `GET`, and now and then `SET`, to keep it short.
        case text(String)
        /// Two keys that are only ever written by one `MSET` and read by one `MGET`: together one register.
        case pair(String)

        var name: String {
            switch self {
            case .register(let name), .counter(let name), .text(let name), .pair(let name): name
            }
        }

        var shard: String { String(name.prefix(1)) }

        static func < (left: Target, right: Target) -> Bool { left.name < right.name }
    }

    struct Request: Hashable, Sendable {
        let target: Target
        let input: KeyCommand
        let words: [String]
    }

    /// By the letter that their keys begin with.
    static let shards = ["a", "b"]

    static let targets: [Target] = shards.flatMap { shard in
        (0..<8).map { .register("\(shard):register:\($0)") } + (0..<2).map { .counter("\(shard):counter:\($0)") }
            + (0..<2).map { .text("\(shard):text:\($0)") } + (0..<2).map { .pair("\(shard):pair:\($0)") }
    }

    private let client: String
    private var generator: SeededGenerator
    private var sequence = 0
    /// What this client saw last, by key: what a compare-and-set expects.
    private var seen: [Target: String] = [:]

    init(client: String, generator: SeededGenerator) {
        self.client = client
        self.generator = generator
    }

    mutating func next() -> Request {
        sequence += 1
        let target = Self.targets[Int.random(in: 0..<Self.targets.count, using: &generator)]
        return request(target, input(for: target, value: "\(client).\(sequence)"))
    }

    mutating func saw(_ request: Request, _ result: KeyResult) {
        switch (request.input, result) {
        case (_, .value(let value)): seen[request.target] = value
        case (.set(let value), _), (.setIfEqual(_, let value), .applied(true)): seen[request.target] = value
        default: break
        }
    }

    private mutating func input(for target: Target, value: String) -> KeyCommand {
        let chance = Int.random(in: 0..<100, using: &generator)
        switch target {
        case .register:
            switch chance {
            case 0..<35: return .get
            case 35..<65: return .set(value)
            case 65..<80: return .setIfEqual(expected: seen[target] ?? "none", value)
            case 80..<90: return .setIfAbsent(value)
            default: return .delete
            }
        case .counter:
            return chance < 70 ? .increment(by: 1) : .get
        case .text:
            return chance < 50 ? .append(value + ",") : chance < 57 ? .set(value + ",") : .get
        case .pair:
            return chance < 50 ? .set(value) : .get
        }
    }

    func request(_ target: Target, _ input: KeyCommand) -> Request {
        Request(target: target, input: input, words: Self.words(target, input))
    }

    private static func words(_ target: Target, _ input: KeyCommand) -> [String] {
        let key = target.name
        if case .pair = target {
            if case .set(let value) = input { return ["MSET", key + ":x", value, key + ":y", value] }
            return ["MGET", key + ":x", key + ":y"]
        }
        switch input {
        case .get: return ["GET", key]
        case .set(let value): return ["SET", key, value]
        case .setIfAbsent(let value): return ["SET", key, value, "NX"]
        case .setIfEqual(let expected, let value): return ["SET", key, value, "IFEQ", expected]
        case .increment: return ["INCR", key]
        case .append(let suffix): return ["APPEND", key, suffix]
        case .delete: return ["DEL", key]
        }
    }
}

/// SplitMix64: small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
