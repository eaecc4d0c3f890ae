import KeyValue
import Testing

@Suite struct CodingTests {
    static let mutations: [Mutation] = [
        .set("key", "value"), .set("", ""), .set("key", "new", .ifAbsent, returnsPrevious: true), .set("key", "new", .ifPresent),
        .set("key", "new", .ifEqual(bytes("old")), returnsPrevious: true),
        .set(
            key: [UInt8](repeating: 7, count: 65_535), value: [UInt8](repeating: 0, count: 300), condition: .always, returnsPrevious: false),
        .setMany(pairs: []), .setMany(pairs: [.init(key: bytes("a"), value: bytes("1"))]),
        .setMany(pairs: [.init(key: bytes("a"), value: []), .init(key: [], value: bytes("2")), .init(key: bytes("c"), value: bytes("3"))]),
        .delete(), .delete("a"), .delete("a", "", "a"), .getAndDelete(key: bytes("a")), .append("key", "more"),
        .append(key: bytes("key"), value: bytes("more"), resultBytesMax: 1_048_576),
        .increment("key", by: .min), .increment("key", by: .max), .openSession(timeToLive: .max), .keepSession,
        .agreeOnTable(slot: 65_536, hash: .max),
    ]

    static let queries: [Query] = [
        .get(key: bytes("a")), .getMany(keys: []), .getMany(keys: [bytes("a"), [], bytes("b")]), .exists(keys: [bytes("a"), bytes("a")]),
        .length(key: []), .type(key: bytes("a")), .scan(after: .max, count: -1, pattern: nil), .scan(after: 0, count: 10, pattern: []),
        .scan(after: 3, count: .max, pattern: bytes("a*")), .count, .randomKey(seed: .max),
    ]

    static let outcomes: [Outcome] = [
        .done, .set(isApplied: true, previous: nil), .set(isApplied: false, previous: []), .set(isApplied: true, previous: bytes("old")),
        .value(nil), .value([]), .value("text"), .values([]), .values([nil, [], bytes("b")]), .integer(.min), .integer(.max),
        .page(next: 0, keys: []), .page(next: .max, keys: [[], bytes("a")]), .type(nil), .type("string"),
        .failed(.notAnInteger), .failed(.overflow), .failed(.valueTooLarge), .failed(.noSession), .failed(.alreadyAnswered),
        .failed(.sessionFull), .failed(.outOfOrder),
    ]

    static func command(_ mutation: Mutation) -> SessionCommand {
        SessionCommand(
            session: SessionID(rawValue: 0x0102_0304_0506_0708), sequence: .max - 1, answeredBelow: 300, previous: 301, mutation: mutation)
    }

    @Test(arguments: mutations) func aCommandComesBackFromItsBytes(mutation: Mutation) throws {
        let command = Self.command(mutation)
        #expect(try SessionCommand(bytes: command.bytes) == command)
        #expect(SessionCommand.isReadable(command.bytes))
    }

    @Test(arguments: queries) func aQueryComesBackFromItsBytes(query: Query) throws {
        #expect(try Query(bytes: query.bytes) == query)
    }

    @Test(arguments: outcomes) func anOutcomeComesBackFromItsBytes(outcome: Outcome) throws {
        #expect(try Outcome(bytes: outcome.bytes) == outcome)
    }

    /// The log's format: a change here is a change of every ledger there is.
    @Test func theBytesOfACommandAreThoseOfTheFormat() {
        let command = SessionCommand(
            session: SessionID(rawValue: 0x0102), sequence: 4, answeredBelow: 2, previous: 3,
            mutation: .set("ab", "xyz", .ifEqual(bytes("w"))))
        #expect(
            command.bytes == [
                1, 1, 0, 2, 0x61, 0x62, 2, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 3,
                1, 0x77, 3, 0x78, 0x79,
                0x7A,
            ])
    }

    @Test func everyTruncationIsAnError() {
        for command in Self.mutations.map(Self.command) {
            let whole = command.bytes
            let lengths = whole.count > 1_000 ? Array(0..<64) + Array(whole.count - 400..<whole.count) : Array(0..<whole.count)
            for length in lengths {
                #expect(throws: CodingError.self) { try SessionCommand(bytes: Array(whole[..<length])) }
            }
        }
        for whole in Self.queries.map(\.bytes) {
            for length in whole.indices { #expect(throws: CodingError.self) { try Query(bytes: Array(whole[..<length])) } }
        }
        for whole in Self.outcomes.map(\.bytes) {
            for length in whole.indices { #expect(throws: CodingError.self) { try Outcome(bytes: Array(whole[..<length])) } }
        }
    }

    @Test func whatIsLeftOverIsAnError() {
        #expect(throws: CodingError.trailingBytes(1)) { try SessionCommand(bytes: Self.command(.set("a", "b")).bytes + [0]) }
        #expect(throws: CodingError.trailingBytes(2)) { try Query(bytes: Query.count.bytes + [0, 0]) }
        #expect(throws: CodingError.trailingBytes(1)) { try Outcome(bytes: Outcome.done.bytes + [0]) }
    }

    @Test func anUnknownVersionOrKindIsNamed() {
        var command = Self.command(.keepSession).bytes
        command[1] = 10
        #expect(throws: CodingError.unknownKind(10)) { try SessionCommand(bytes: command) }
        #expect(!SessionCommand.isReadable(command))
        command[0] = 2
        #expect(throws: CodingError.unknownVersion(2)) { try SessionCommand(bytes: command) }
        #expect(throws: CodingError.unknownVersion(0)) { try Query(bytes: [0, 1]) }
        #expect(throws: CodingError.unknownKind(0)) { try Query(bytes: [1, 0]) }
        #expect(throws: CodingError.unknownVersion(255)) { try Outcome(bytes: [255, 1]) }
        #expect(throws: CodingError.unknownKind(200)) { try Outcome(bytes: [1, 200]) }
    }

    @Test func fieldsThatNoWriterWritesAreMalformed() {
        func isMalformed(_ body: () throws -> Void) -> Bool {
            do { try body() } catch CodingError.malformed { return true } catch {}
            return false
        }
        var flags = Self.command(.set("", "")).bytes
        flags[36] = 0b1000
        #expect(isMalformed { _ = try SessionCommand(bytes: flags) })
        var keyed = Self.command(.keepSession).bytes
        keyed[3] = 1
        keyed.insert(0x61, at: 4)
        #expect(isMalformed { _ = try SessionCommand(bytes: keyed) })
        #expect(isMalformed { _ = try Outcome(bytes: [1, 2, 2, 0]) })
        #expect(isMalformed { _ = try Outcome(bytes: [1, 7, 2, 0xFF]) })
        #expect(isMalformed { _ = try Outcome(bytes: [1, 8, 99]) })
        #expect(isMalformed { _ = try Outcome(bytes: [1, 3, 0x80, 0x00]) })
    }

    @Test func aForgedCountReservesNothing() {
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        #expect(throws: CodingError.truncated) { try Query(bytes: [1, 2] + huge) }
        #expect(throws: CodingError.truncated) { try Outcome(bytes: [1, 4] + huge) }
        #expect(throws: CodingError.truncated) { try Outcome(bytes: [1, 3] + huge) }
        #expect(throws: CodingError.truncated) { try SessionCommand(bytes: Array(Self.command(.delete()).bytes.dropLast()) + huge) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func noBytesTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let wholes = Self.mutations.map { Self.command($0).bytes }.filter { $0.count < 1_000 }
        for _ in 0..<20_000 {
            var mangled = wholes[Int.random(in: 0..<wholes.count, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                mangled[Int.random(in: 0..<mangled.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // What can be read has exactly one form.
            if let command = try? SessionCommand(bytes: mangled) { #expect(command.bytes == mangled, "seed \(seed)") }
            mangled[0] = 1
            if let outcome = try? Outcome(bytes: mangled) { #expect(outcome.bytes == mangled, "seed \(seed)") }
            if let query = try? Query(bytes: mangled) { #expect(query.bytes == mangled, "seed \(seed)") }
        }
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 62, 1 << 63, .max] as [UInt64]) func aVarintComesBack(number: UInt64) throws {
        var writer = ByteWriter()
        writer.writeVarint(number)
        #expect(try ByteReader.reading(writer.bytes) { (reader) throws(CodingError) in try reader.readVarint() } == number)
    }
}
