/// Commands on the connection itself.
extension CommandInterpreter {
    private static let noAuthentication = RequestError(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")

    func ping(_ arguments: Arguments) throws(RequestError) -> Action {
        switch arguments.count {
        case 1: return .reply(.simple("PONG"))
        case 2: return .reply(.bulk(arguments.copy(1)))
        default: throw .wrongArity("ping")
        }
    }

    func authenticate(_ arguments: Arguments) throws(RequestError) -> Action {
        throw arguments.count > 3 ? .syntax : Self.noAuthentication
    }

    /// `HELLO [version [AUTH user password] [SETNAME name]]`
    func hello(_ arguments: Arguments) throws(RequestError) -> Action {
        var version = client.version
        var name: String?
        if arguments.count > 1 {
            guard let number = arguments.integer(1) else { throw RequestError("ERR Protocol version is not an integer or out of range") }
            guard let spoken = ProtocolVersion(rawValue: number) else { throw RequestError("NOPROTO unsupported protocol version") }
            version = spoken
        }
        var index = 2
        while index < arguments.count {
            if arguments.isWord(index, "AUTH"), index + 2 < arguments.count {
                throw Self.noAuthentication
            } else if arguments.isWord(index, "SETNAME"), index + 1 < arguments.count {
                name = try Self.name(arguments, index + 1)
                index += 2
            } else {
                throw RequestError("ERR Syntax error in HELLO option '\(arguments.text(index))'")
            }
        }
        client.version = version
        if let name { client.name = name }
        return .reply(
            .map([
                .text("server"), .text("redis"),
                .text("version"), .text(Gateway.redisVersion),
                .text("proto"), .integer(version.rawValue),
                .text("id"), .integer(Int64(client.id)),
                .text("mode"), .text("standalone"),
                .text("role"), .text("master"),
                .text("modules"), .array([]),
            ]))
    }

    func reset() -> Action {
        client.reset()
        return .reply(.simple("RESET"))
    }

    func readLocally(_ isLocal: Bool) -> Action {
        client.readsLocally = isLocal
        return .reply(.ok)
    }

    func select(_ arguments: Arguments) throws(RequestError) -> Action {
        guard try integer(arguments, 1) == 0 else { throw RequestError("ERR DB index is out of range") }
        return .reply(.ok)
    }

    func setName(_ arguments: Arguments) throws(RequestError) -> Action {
        client.name = try Self.name(arguments, 2)
        return .reply(.ok)
    }

    /// `CLIENT SETINFO <LIB-NAME name | LIB-VER version>`
    func setInfo(_ arguments: Arguments) throws(RequestError) -> Action {
        if arguments.isWord(2, "LIB-NAME") {
            client.libraryName = try Self.printable(arguments, 3, "lib-name")
        } else if arguments.isWord(2, "LIB-VER") {
            client.libraryVersion = try Self.printable(arguments, 3, "lib-ver")
        } else {
            throw RequestError("ERR Unrecognized option '\(arguments.text(2))'")
        }
        return .reply(.ok)
    }

    func onOrOff(_ arguments: Arguments) throws(RequestError) -> Action {
        guard arguments.isWord(2, "ON") || arguments.isWord(2, "OFF") else { throw .syntax }
        return .reply(.ok)
    }

    private static func name(_ arguments: Arguments, _ index: Int) throws(RequestError) -> String {
        try printable(arguments, index, "Client names")
    }

    /// What stands in lines of `CLIENT LIST` must not break them, nor grow without bound.
    private static func printable(_ arguments: Arguments, _ index: Int, _ noun: String) throws(RequestError) -> String {
        guard arguments[index].allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) }) else {
            throw RequestError("ERR \(noun) cannot contain spaces, newlines or special characters.")
        }
        guard arguments[index].count <= 256 else { throw RequestError("ERR \(noun) cannot be longer than 256 bytes.") }
        return arguments.text(index)
    }
}
