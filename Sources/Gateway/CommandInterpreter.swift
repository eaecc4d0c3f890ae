import KeyValue
import NIOCore
import Replica
import Sharding

/// What is to be done for a request.
enum Action {
    case query(ServiceRequest, OutcomeForm)
    case mutation(Mutation, OutcomeForm)
    /// All keys: page after page.
    case keys(pattern: [UInt8])
    case administration(AdministrationRequest)
    case reply(Reply)
    /// Answered, and then the connection is closed.
    case lastReply(Reply)
    /// Closed without an answer.
    case hangUp

    static func error(_ text: String) -> Action { .reply(.error(text)) }
}

/// A request that is refused before anything is done.
struct RequestError: Error, Hashable {
    /// With its code.
    let text: String

    init(_ text: String) { self.text = text }

    static let syntax = RequestError("ERR syntax error")
    static let notAnInteger = RequestError("ERR value is not an integer or out of range")

    static func wrongArity(_ command: String) -> RequestError {
        RequestError("ERR wrong number of arguments for '\(command)' command")
    }
}

/// Turns a request into what is to be done for it, and keeps what its client has said of itself. Does no I/O.
final class CommandInterpreter {
    let gateway: Gateway
    let client: ClientState

    init(gateway: Gateway, client: ClientState) {
        self.gateway = gateway
        self.client = client
    }

    func interpret(_ arguments: Arguments) -> Action {
        gateway.counters.commands += 1
        client.lastRequestAt = gateway.eventLoop.now
        guard var command = CommandTable.find(arguments[0]) else { return unknownCommand(arguments) }
        guard command.takes(arguments.count) else { return .error(RequestError.wrongArity(command.name).text) }
        if !command.subcommands.isEmpty, arguments.count > 1 {
            if arguments.count == 2, arguments.isWord(1, "HELP") { return help(command) }
            guard let subcommand = command.subcommands.first(where: { arguments.text(1).lowercased() == $0.lastName }) else {
                return .error("ERR unknown subcommand '\(prefix(arguments[1]))'. Try \(command.name.uppercased()) HELP.")
            }
            guard subcommand.takes(arguments.count) else { return .error(RequestError.wrongArity(subcommand.name).text) }
            command = subcommand
        }
        client.lastCommand = command.name
        do {
            return try bounded(try perform(command, arguments))
        } catch {
            return .error(error.text)
        }
    }

    private func perform(_ command: CommandSpecification, _ arguments: Arguments) throws(RequestError) -> Action {
        switch command.verb {
        case .get: query(.get(key: try key(arguments, 1)), .value)
        case .set: try set(arguments)
        case .setIfAbsent: try set(arguments, .ifAbsent, returnsPrevious: false, .setFlag)
        case .getSet: try set(arguments, .always, returnsPrevious: true, .previous)
        case .getDelete: .mutation(.getAndDelete(key: try key(arguments, 1)), .value)
        case .multiGet: query(.getMany(keys: try keys(arguments)), .values)
        case .multiSet: try setMany(arguments)
        case .length: query(.length(key: try key(arguments, 1)), .integer)
        case .append: try append(arguments)
        case .increment: .mutation(.increment(key: try key(arguments, 1), by: 1), .integer)
        case .decrement: .mutation(.increment(key: try key(arguments, 1), by: -1), .integer)
        case .incrementBy: .mutation(.increment(key: try key(arguments, 1), by: try integer(arguments, 2)), .integer)
        case .decrementBy: try decrementBy(arguments)
        case .delete: .mutation(.delete(keys: try keys(arguments)), .integer)
        case .exists: query(.exists(keys: try keys(arguments)), .integer)
        case .type: query(.type(key: try key(arguments, 1)), .type)
        case .scan: try scan(arguments)
        case .keys: .keys(pattern: arguments.copy(1))
        case .randomKey: .query(.randomKey(isLocal: client.readsLocally), .value)
        case .databaseSize: .query(.count(isLocal: client.readsLocally), .integer)
        case .ping: try ping(arguments)
        case .echo: .reply(.bulk(arguments.copy(1)))
        case .quit: .lastReply(.ok)
        case .reset: reset()
        case .hello: try hello(arguments)
        case .auth: try authenticate(arguments)
        case .select: try select(arguments)
        case .readonly: readLocally(true)
        case .readwrite: readLocally(false)
        case .clientID: .reply(.integer(Int64(client.id)))
        case .clientSetName: try setName(arguments)
        case .clientGetName: .reply(client.name.isEmpty ? .null : .text(client.name))
        case .clientInfo: .reply(.verbatim(client.line(at: gateway.eventLoop.now) + "\n"))
        case .clientList: .reply(.verbatim(gateway.clientLines()))
        case .clientSetInfo: try setInfo(arguments)
        case .clientNoEvict, .clientNoTouch: try onOrOff(arguments)
        case .command: .reply(.array(CommandTable.all.map(\.information)))
        case .commandCount: .reply(.integer(Int64(CommandTable.all.count)))
        case .commandDocs: commandDocs(arguments)
        case .commandInfo: commandInfo(arguments)
        case .commandList: .reply(.array(CommandTable.all.map { .text($0.name) }))
        case .configGet: configGet(arguments)
        case .info: info(arguments)
        case .time: time()
        case .decreeReplace: .administration(.replace(shard: arguments.text(2), node: arguments.text(3)))
        case .decreeSnapshot: try snapshot(arguments)
        case .decreeStatus: .reply(.text(gateway.service.statusJSON()))
        case .container: throw .wrongArity(command.name)
        }
    }

    /// What no message could carry must not be sent: no leader would get it, nor could it replicate it.
    private func bounded(_ action: Action) throws(RequestError) -> Action {
        let (byteCount, noun): (Int, String)
        switch action {
        case .mutation(let mutation, _): (byteCount, noun) = (mutation.byteCount, "write")
        case .query(.command(.query(let query)), _): (byteCount, noun) = (query.byteCount, "read")
        case .query(.scan(_, _, let pattern?, _), _): (byteCount, noun) = (pattern.count, "read")
        default: return action
        }
        let bound = gateway.limits.commandBytesMax
        guard byteCount <= bound else { throw RequestError("ERR a \(noun) of \(byteCount) bytes is over the limit of \(bound): split it") }
        return action
    }

    // MARK: - Arguments

    func key(_ arguments: Arguments, _ index: Int) throws(RequestError) -> [UInt8] {
        let bytes = arguments[index]
        let bound = gateway.settings.keyBytesMax
        guard bytes.count <= bound else {
            throw RequestError("ERR key of \(bytes.count) bytes is over the limit of \(bound) (key-bytes)")
        }
        return [UInt8](bytes)
    }

    func value(_ arguments: Arguments, _ index: Int) throws(RequestError) -> [UInt8] {
        let bytes = arguments[index]
        let bound = gateway.settings.valueBytesMax
        guard bytes.count <= bound else {
            throw RequestError("ERR value of \(bytes.count) bytes is over the limit of \(bound) (value-bytes)")
        }
        return [UInt8](bytes)
    }

    /// All arguments but the name.
    func keys(_ arguments: Arguments) throws(RequestError) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        keys.reserveCapacity(arguments.count - 1)
        for index in 1..<arguments.count { keys.append(try key(arguments, index)) }
        return keys
    }

    func integer(_ arguments: Arguments, _ index: Int) throws(RequestError) -> Int64 {
        guard let value = arguments.integer(index) else { throw .notAnInteger }
        return value
    }

    func query(_ query: Query, _ form: OutcomeForm) -> Action {
        .query(client.readsLocally ? .localQuery(query) : .command(.query(query)), form)
    }

    // MARK: - Refusals

    private func unknownCommand(_ arguments: Arguments) -> Action {
        // A browser that was lured into sending a request here: its body may hold commands.
        if arguments.isWord(0, "POST") || arguments.isWord(0, "HOST:") { return .hangUp }
        var list = ""
        for index in 1..<arguments.count where list.utf8.count < 128 {
            list += "'\(prefix(arguments[index], 128 - list.utf8.count))' "
        }
        return .error("ERR unknown command '\(prefix(arguments[0]))', with args beginning with: \(list)")
    }

    private func prefix(_ bytes: UnsafeRawBufferPointer, _ length: Int = 128) -> String {
        String(decoding: bytes.prefix(length), as: UTF8.self)
    }

    private func help(_ command: CommandSpecification) -> Action {
        var lines = ["\(command.name.uppercased()) <subcommand> [<arg> ...]. Subcommands are:"]
        for subcommand in command.subcommands {
            lines.append(subcommand.lastName.uppercased())
            lines.append("    " + subcommand.summary)
        }
        return .reply(.array(lines.map { .simple($0) }))
    }
}
