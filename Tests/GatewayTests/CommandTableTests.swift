import Gateway
import Testing

/// A reply read as a RESP2 client reads it.
private indirect enum Value: Hashable {
    case text(String)
    case integer(Int)
    case array([Value])

    init?(_ bytes: inout ArraySlice<UInt8>) {
        guard let type = bytes.popFirst(), let end = bytes.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let line = String(decoding: bytes[..<end], as: UTF8.self)
        bytes = bytes[(end + 2)...]
        guard type == UInt8(ascii: "+") || Int(line) != nil else { return nil }
        let number = Int(line) ?? 0
        switch type {
        case UInt8(ascii: "+"): self = .text(line)
        case UInt8(ascii: ":"): self = .integer(number)
        case UInt8(ascii: "$"):
            self = .text(String(decoding: bytes.prefix(number), as: UTF8.self))
            bytes = bytes.dropFirst(number + 2)
        case UInt8(ascii: "*"):
            var items: [Value] = []
            for _ in 0..<number {
                guard let item = Value(&bytes) else { return nil }
                items.append(item)
            }
            self = .array(items)
        default: return nil
        }
    }

    var items: [Value] { if case .array(let items) = self { items } else { [] } }
    var text: String { if case .text(let text) = self { text } else { "" } }
    var integer: Int { if case .integer(let integer) = self { integer } else { 0 } }
}

@Suite struct CommandTableTests {
    private func rows(_ client: TestClient, _ words: String...) throws -> [Value] {
        try client.send(request(words))
        var bytes = try client.receivedBytes()[...]
        let value = try #require(Value(&bytes))
        #expect(bytes.isEmpty)
        return value.items
    }

    @Test func everyCommandWithTooFewOrTooManyArgumentsIsRefusedByName() throws {
        let client = try TestClient()
        var checked = 0
        for row in try rows(client, "COMMAND") {
            for command in [row] + row.items[9].items {
                let name = command.items[0].text
                let words = name.split(separator: "|").map(String.init)
                let arity = command.items[1].integer
                var wrong = [abs(arity) - 1]
                if arity > 0 { wrong.append(arity + 1) }
                for count in wrong where count >= words.count {
                    let arguments = words + Array(repeating: "x", count: count - words.count)
                    try client.send(request(arguments))
                    #expect(try client.received() == "-ERR wrong number of arguments for '\(name)' command\r\n", "\(arguments)")
                    checked += 1
                }
            }
        }
        #expect(checked > 50)
        #expect(client.service.requests.isEmpty, "nothing of it reaches the service")
    }

    @Test func countListInfoAndDocsAgree() throws {
        let client = try TestClient()
        let names = try rows(client, "COMMAND").map { $0.items[0].text }
        #expect(try client.ask("COMMAND", "COUNT") == ":\(names.count)\r\n")
        #expect(try rows(client, "COMMAND", "LIST").map(\.text) == names)
        #expect(try rows(client, "COMMAND", "INFO").map { $0.items[0].text } == names)
        let docs = try rows(client, "COMMAND", "DOCS")
        #expect(stride(from: 0, to: docs.count, by: 2).map { docs[$0].text } == names)
        #expect(Set(names).count == names.count)
        #expect(names.contains("get") && names.contains("decree"))
    }

    @Test func everyContainerHasHelp() throws {
        let client = try TestClient()
        for name in ["CLIENT", "COMMAND", "CONFIG", "DECREE"] {
            #expect(try rows(client, name, "HELP").count >= 3, "\(name)")
        }
    }
}
