/// Every command that the gateway answers, by name.
enum CommandTable {
    static let all: [CommandSpecification] = connection + strings + keyspace + server

    private static let byName: [CommandName: CommandSpecification] = {
        var table: [CommandName: CommandSpecification] = [:]
        for command in all {
            if let name = CommandName(command.name) { table[name] = command }
        }
        return table
    }()

    // The two that most requests are: found without hashing.
    private static let get = (name: CommandName("GET"), command: find("get"))
    private static let set = (name: CommandName("SET"), command: find("set"))

    static func find(_ bytes: UnsafeRawBufferPointer) -> CommandSpecification? {
        guard let name = CommandName(bytes) else { return nil }
        if name == get.name { return get.command }
        if name == set.name { return set.command }
        return byName[name]
    }

    static func find(_ name: String) -> CommandSpecification? { CommandName(name).flatMap { byName[$0] } }

    private static let strings: [CommandSpecification] = [
        .init(
            "append", .append, arity: 3, [.write, .denyoom, .fast], keys: .one, .string, since: "2.0.0",
            "Appends to the value of a key. Creates the key if it doesn't exist."),
        .init(
            "decr", .decrement, arity: 2, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist."),
        .init(
            "decrby", .decrementBy, arity: 3, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist."),
        .init("get", .get, arity: 2, [.readonly, .fast], keys: .one, .string, since: "1.0.0", "Returns the value of a key."),
        .init(
            "getdel", .getDelete, arity: 2, [.write, .fast], keys: .one, .string, since: "6.2.0",
            "Returns the value of a key after deleting the key."),
        .init(
            "getset", .getSet, arity: 3, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Returns the previous value of a key after setting it to a new value."),
        .init(
            "incr", .increment, arity: 2, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist."),
        .init(
            "incrby", .incrementBy, arity: 3, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist."),
        .init(
            "mget", .multiGet, arity: -2, [.readonly, .fast], keys: .all, .string, since: "1.0.0", complexity: "O(N)",
            "Returns the values of one or more keys; atomic within a shard."),
        .init(
            "mset", .multiSet, arity: -3, [.write, .denyoom], keys: .pairs, .string, since: "1.0.1", complexity: "O(N)",
            "Sets the values of one or more keys of one shard, all or nothing."),
        .init(
            "set", .set, arity: -3, [.write, .denyoom], keys: .one, .string, since: "1.0.0",
            "Sets the value of a key. The key is created if it doesn't exist."),
        .init(
            "setnx", .setIfAbsent, arity: 3, [.write, .denyoom, .fast], keys: .one, .string, since: "1.0.0",
            "Sets the value of a key only when the key doesn't exist."),
        .init("strlen", .length, arity: 2, [.readonly, .fast], keys: .one, .string, since: "2.2.0", "Returns the length of a value."),
    ]

    private static let keyspace: [CommandSpecification] = [
        .init("dbsize", .databaseSize, arity: 1, [.readonly, .fast], .server, since: "1.0.0", "Returns the number of keys in all shards."),
        .init(
            "del", .delete, arity: -2, [.write], keys: .all, .generic, since: "1.0.0", complexity: "O(N)",
            "Deletes one or more keys; atomic within a shard."),
        .init(
            "exists", .exists, arity: -2, [.readonly, .fast], keys: .all, .generic, since: "1.0.0", complexity: "O(N)",
            "Counts which of the keys exist; atomic within a shard."),
        .init(
            "keys", .keys, arity: 2, [.readonly], .generic, since: "1.0.0", complexity: "O(N)",
            "Returns all key names that match a pattern, up to a bound; SCAN has none."),
        .init("randomkey", .randomKey, arity: 1, [.readonly], .generic, since: "1.0.0", "Returns a random key name."),
        .init(
            "scan", .scan, arity: -2, [.readonly], .generic, since: "2.8.0", complexity: "O(1) for a page, O(N) for all",
            "Iterates over the key names of all shards."),
        .init("type", .type, arity: 2, [.readonly, .fast], keys: .one, .generic, since: "1.0.0", "Returns the type of a key's value."),
        .init(
            "unlink", .delete, arity: -2, [.write, .fast], keys: .all, .generic, since: "4.0.0", complexity: "O(N)",
            "Deletes one or more keys; atomic within a shard."),
    ]
}
