/// What the gateway knows of a command: arity checks, dispatch, `COMMAND` and `COMMAND DOCS` all come from it.
final class CommandSpecification: Sendable {
    enum Flag: String, Sendable {
        case write, readonly, fast, admin, loading, stale, noscript
        case denyoom
    }

    enum Group: String, Sendable { case connection, generic, string, server, cluster }

    /// Places of the keys among the arguments, the name being 0; a negative `last` counts from the end. No keys: all 0.
    struct KeyPlaces: Hashable, Sendable {
        let first: Int
        let last: Int
        let step: Int

        static let none = KeyPlaces(first: 0, last: 0, step: 0)
        static let one = KeyPlaces(first: 1, last: 1, step: 1)
        static let all = KeyPlaces(first: 1, last: -1, step: 1)
        static let pairs = KeyPlaces(first: 1, last: -1, step: 2)
    }

    /// In lower case; of a subcommand `client|setname`.
    let name: String
    let verb: CommandVerb
    /// The number of arguments with the name; negative: at least so many.
    let arity: Int
    let flags: [Flag]
    let keys: KeyPlaces
    let group: Group
    /// The version of Redis that brought it.
    let since: String
    let complexity: String
    let summary: String
    let subcommands: [CommandSpecification]

    init(
        _ name: String, _ verb: CommandVerb, arity: Int, _ flags: [Flag], keys: KeyPlaces = .none, _ group: Group, since: String,
        complexity: String = "O(1)", _ summary: String, subcommands: [CommandSpecification] = []
    ) {
        self.name = name
        self.verb = verb
        self.arity = arity
        self.flags = flags
        self.keys = keys
        self.group = group
        self.since = since
        self.complexity = complexity
        self.summary = summary
        self.subcommands = subcommands
    }

    func takes(_ argumentCount: Int) -> Bool { arity >= 0 ? argumentCount == arity : argumentCount >= -arity }

    /// `setname` of `client|setname`.
    var lastName: Substring { name.split(separator: "|").last ?? "" }
}

/// What `CommandInterpreter` does for a command.
enum CommandVerb: Hashable, Sendable {
    case ping, echo, quit, reset, hello, auth, select, readonly, readwrite
    case clientID, clientSetName, clientGetName, clientInfo, clientList, clientSetInfo, clientNoEvict, clientNoTouch
    case command, commandCount, commandDocs, commandInfo, commandList
    case configGet, info, time, decreeStatus, decreeReplace, decreeSnapshot
    case get, set, setIfAbsent, getSet, getDelete, multiGet, multiSet, length, append
    case increment, decrement, incrementBy, decrementBy
    case delete, exists, type, scan, keys, randomKey, databaseSize
    /// Has subcommands, and does nothing by itself.
    case container
}
