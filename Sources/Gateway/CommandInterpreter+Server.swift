import KeyValue
import Paxos
import Replica
import Sharding

/// Commands on the node and on the gateway's own table of commands.
extension CommandInterpreter {
    /// A name is a few bytes, and what is told of it thousands.
    private static let namesMax = 256
    private static let tooManyNames = Action.error("ERR more than \(namesMax) arguments; without a name all commands are returned")

    func time() -> Action {
        let microseconds = gateway.wallClockMicroseconds()
        return .reply(.array([.text(String(microseconds / 1_000_000)), .text(String(microseconds % 1_000_000))]))
    }

    func info(_ arguments: Arguments) -> Action {
        var sections = Set((1..<arguments.count).map { arguments.text($0).lowercased() })
        if !sections.isDisjoint(with: ["all", "default", "everything"]) { sections = [] }
        return .reply(.verbatim(gateway.info(sections: sections)))
    }

    /// `DECREE SNAPSHOT shard`, or `DECREE SNAPSHOT READ shard slot offset`
    func snapshot(_ arguments: Arguments) throws(RequestError) -> Action {
        if arguments.count == 3 { return .administration(.makeSnapshot(shard: arguments.text(2))) }
        guard arguments.isWord(2, "READ"), arguments.count == 6 else { throw .syntax }
        let slot = try integer(arguments, 4)
        let offset = try integer(arguments, 5)
        guard slot > 0, offset >= 0 else { throw .notAnInteger }
        return .administration(.readSnapshot(shard: arguments.text(3), slot: UInt64(slot), offset: UInt64(offset)))
    }

    func configGet(_ arguments: Arguments) -> Action {
        let patterns = (2..<arguments.count).map { Glob(Array(arguments.text($0).lowercased().utf8)) }
        var items: [Reply] = []
        for (name, value) in parameters where patterns.contains(where: { $0.matches(Array(name.utf8)) }) {
            items.append(.text(name))
            items.append(.text(value))
        }
        return .reply(.map(items))
    }

    /// Ascending by name. `appendonly`, `databases`, `maxmemory` and `save` say in Redis's words how this store behaves.
    private var parameters: [(String, String)] {
        let settings = gateway.settings
        return [
            ("appendonly", "yes"),
            ("databases", "1"),
            ("key-bytes", String(settings.keyBytesMax)),
            ("maxclients", String(gateway.limits.clientsMax)),
            ("maxmemory", "0"),
            ("port", String(gateway.address.port)),
            ("proto-max-bulk-len", String(gateway.limits.requestBytesMax)),
            ("reads", settings.reads.rawValue),
            ("request-timeout", String(settings.requestTimeout.nanoseconds / 1_000_000)),
            ("save", ""),
            ("staleness", String(settings.stalenessMax.nanoseconds / 1_000_000)),
            ("transport", settings.transport.rawValue),
            ("value-bytes", String(settings.valueBytesMax)),
        ]
    }

    func commandInfo(_ arguments: Arguments) -> Action {
        guard arguments.count <= Self.namesMax else { return Self.tooManyNames }
        guard arguments.count > 2 else { return .reply(.array(CommandTable.all.map(\.information))) }
        return .reply(.array((2..<arguments.count).map { CommandTable.find(arguments[$0])?.information ?? .null }))
    }

    /// A command that does not exist is left out.
    func commandDocs(_ arguments: Arguments) -> Action {
        guard arguments.count <= Self.namesMax else { return Self.tooManyNames }
        let commands = arguments.count > 2 ? (2..<arguments.count).compactMap { CommandTable.find(arguments[$0]) } : CommandTable.all
        return .reply(.map(commands.flatMap { [.text($0.name), $0.documentation] }))
    }
}

extension Reply {
    init(_ reply: AdministrationReply) {
        self =
            switch reply {
            case .done: .ok
            // Of RESP's integers half are negative, which a hash is not.
            case .snapshot(let offer):
                .array([
                    .integer(Int64(offer.slot.rawValue)), .integer(Int64(offer.byteCount)), .text(String(offer.hash, radix: 16)),
                ])
            case .bytes(let bytes): .bulk(bytes)
            case .notLeader: .error("NOTLEADER this node does not lead the shard")
            case .refused(let text): .error(text)
            }
    }
}

extension CommandSpecification {
    /// A row of `COMMAND`.
    var information: Reply {
        let categories = [
            "@" + (flags.contains(.write) ? "write" : "read"), flags.contains(.fast) ? "@fast" : "@slow", "@" + group.rawValue,
        ]
        return .array([
            .text(name), .integer(Int64(arity)), .set(flags.map { .simple($0.rawValue) }),
            .integer(Int64(keys.first)), .integer(Int64(keys.last)), .integer(Int64(keys.step)),
            .set(categories.map { .simple($0) }), .array([]), .array([]), .array(subcommands.map(\.information)),
        ])
    }

    /// An entry of `COMMAND DOCS`.
    var documentation: Reply {
        var items: [Reply] = [
            .text("summary"), .text(summary), .text("since"), .text(since), .text("group"), .text(group.rawValue),
            .text("complexity"), .text(complexity),
        ]
        if !subcommands.isEmpty {
            items += [.text("subcommands"), .map(subcommands.flatMap { [.text($0.name), $0.documentation] })]
        }
        return .map(items)
    }
}
