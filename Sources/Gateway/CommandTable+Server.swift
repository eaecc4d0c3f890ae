extension CommandTable {
    private static let quick: [CommandSpecification.Flag] = [.noscript, .loading, .stale, .fast]
    private static let plain: [CommandSpecification.Flag] = [.noscript, .loading, .stale]

    static let connection: [CommandSpecification] = [
        .init(
            "auth", .auth, arity: -2, quick, .connection, since: "1.0.0", "Authenticates the connection: always refused, as none is set."),
        .init(
            "client", .container, arity: -2, [], .connection, since: "2.4.0", "A container for client connection commands.",
            subcommands: [
                .init(
                    "client|getname", .clientGetName, arity: 2, plain, .connection, since: "2.6.9", "Returns the name of the connection."),
                .init("client|id", .clientID, arity: 2, plain, .connection, since: "5.0.0", "Returns the identifier of the connection."),
                .init(
                    "client|info", .clientInfo, arity: 2, plain, .connection, since: "6.2.0", "Returns information about the connection."),
                .init(
                    "client|list", .clientList, arity: 2, [.admin] + plain, .connection, since: "2.4.0", complexity: "O(N)",
                    "Lists the open connections of this node."),
                .init("client|no-evict", .clientNoEvict, arity: 3, plain, .connection, since: "7.0.0", "Accepted; nothing is evicted."),
                .init("client|no-touch", .clientNoTouch, arity: 3, plain, .connection, since: "7.2.0", "Accepted; reads touch nothing."),
                .init(
                    "client|setinfo", .clientSetInfo, arity: 4, plain, .connection, since: "7.2.0",
                    "Sets the name or version of the client's library."),
                .init("client|setname", .clientSetName, arity: 3, plain, .connection, since: "2.6.9", "Sets the name of the connection."),
            ]),
        .init("echo", .echo, arity: 2, quick, .connection, since: "1.0.0", "Returns the given string."),
        .init("hello", .hello, arity: -1, quick, .connection, since: "6.0.0", "Handshakes with the node: protocol version and name."),
        .init("ping", .ping, arity: -1, [.fast], .connection, since: "1.0.0", "Returns the node's liveliness response."),
        .init("quit", .quit, arity: -1, quick, .connection, since: "1.0.0", "Closes the connection once all replies have gone out."),
        .init(
            "readonly", .readonly, arity: 1, [.loading, .stale, .fast], .cluster, since: "3.0.0",
            "Lets this connection's queries be answered by the node's own datacenter, with bounded staleness."),
        .init("readwrite", .readwrite, arity: 1, [.loading, .stale, .fast], .cluster, since: "3.0.0", "Takes READONLY back."),
        .init("reset", .reset, arity: 1, quick, .connection, since: "6.2.0", "Resets the connection."),
        .init("select", .select, arity: 2, [.loading, .stale, .fast], .connection, since: "1.0.0", "Accepts database 0, the only one."),
    ]

    static let server: [CommandSpecification] = [
        .init(
            "command", .command, arity: -1, [.loading, .stale], .server, since: "2.8.13", complexity: "O(N)",
            "Returns detailed information about all commands.",
            subcommands: [
                .init(
                    "command|count", .commandCount, arity: 2, [.loading, .stale], .server, since: "2.8.13", "Returns a count of commands."),
                .init(
                    "command|docs", .commandDocs, arity: -2, [.loading, .stale], .server, since: "7.0.0", complexity: "O(N)",
                    "Returns documentary information about one, multiple or all commands."),
                .init(
                    "command|info", .commandInfo, arity: -2, [.loading, .stale], .server, since: "2.8.13", complexity: "O(N)",
                    "Returns information about one, multiple or all commands."),
                .init(
                    "command|list", .commandList, arity: 2, [.loading, .stale], .server, since: "7.0.0", complexity: "O(N)",
                    "Returns a list of command names."),
            ]),
        .init(
            "config", .container, arity: -2, [], .server, since: "2.0.0", "A container for settings commands.",
            subcommands: [
                .init(
                    "config|get", .configGet, arity: -3, [.admin] + plain, .server, since: "2.0.0", complexity: "O(N)",
                    "Returns the values of settings; they are set in the cluster file.")
            ]),
        .init(
            "decree", .container, arity: -2, [], .server, since: "7.2.0", "A container for Decree's own commands.",
            subcommands: [
                .init(
                    "decree|replace", .decreeReplace, arity: 4, [.admin] + plain, .server, since: "7.2.0",
                    "Gives a node's place in a shard's group to its newest life; asked of the shard's leader."),
                .init(
                    "decree|snapshot", .decreeSnapshot, arity: -3, [.admin] + plain, .server, since: "7.2.0", complexity: "O(N)",
                    "Makes a snapshot of this node's replica of a shard: slot, bytes, hash; or READs a piece of one."),
                .init(
                    "decree|status", .decreeStatus, arity: 2, plain, .server, since: "7.2.0",
                    "Returns the node's view of the cluster as JSON."),
            ]),
        .init("info", .info, arity: -1, [.loading, .stale], .server, since: "1.0.0", "Returns information and statistics about the node."),
        .init("time", .time, arity: 1, [.loading, .stale, .fast], .server, since: "2.6.0", "Returns the node's wall clock."),
    ]
}
