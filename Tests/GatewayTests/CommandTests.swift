import Gateway
import KeyValue
import NIOEmbedded
import Paxos
import Replica
import Testing

/// One conversation: a line of words, the reply in RESP2, and in RESP3 where it differs.
struct Exchange {
    let command: String
    let reply: String
    let reply3: String

    init(_ command: String, _ reply: String, resp3: String? = nil) {
        self.command = command
        self.reply = reply
        reply3 = resp3 ?? reply
    }
}

private let null = "$-1\r\n"
private let null3 = "_\r\n"

private let exchanges: [Exchange] = [
    Exchange("PING", "+PONG\r\n"),
    Exchange("ping hello", "$5\r\nhello\r\n"),
    Exchange("ECHO hi", "$2\r\nhi\r\n"),
    Exchange("SELECT 0", "+OK\r\n"),
    Exchange("SELECT 1", "-ERR DB index is out of range\r\n"),
    Exchange("SELECT x", "-ERR value is not an integer or out of range\r\n"),
    Exchange(
        "AUTH secret",
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n"),
    Exchange("GET a", null, resp3: null3),
    Exchange("SET a 1", "+OK\r\n"),
    Exchange("GET a", "$1\r\n1\r\n"),
    Exchange("set a 2 nx", null, resp3: null3),
    Exchange("SET b 2 XX", null, resp3: null3),
    Exchange("SET a 2 XX GET", "$1\r\n1\r\n"),
    Exchange("SET a 3 IFEQ 2", "+OK\r\n"),
    Exchange("SET a 4 IFEQ 2", null, resp3: null3),
    Exchange("SET a 4 IFEQ", "-ERR syntax error\r\n"),
    Exchange("SET a 4 NX XX", "-ERR syntax error\r\n"),
    Exchange("SET a 4 EX 10", "-ERR expiry is not supported yet: SET takes NX, XX, IFEQ and GET\r\n"),
    Exchange("SET a 4 KEEPTTL", "-ERR expiry is not supported yet: SET takes NX, XX, IFEQ and GET\r\n"),
    Exchange("SETNX a 9", ":0\r\n"),
    Exchange("SETNX n 9", ":1\r\n"),
    Exchange("GETSET n 10", "$1\r\n9\r\n"),
    Exchange("GETDEL n", "$2\r\n10\r\n"),
    Exchange("GETDEL n", null, resp3: null3),
    Exchange("INCR a", ":4\r\n"),
    Exchange("INCRBY a 10", ":14\r\n"),
    Exchange("DECR a", ":13\r\n"),
    Exchange("DECRBY a 3", ":10\r\n"),
    Exchange("INCRBY a +1", "-ERR value is not an integer or out of range\r\n"),
    Exchange("INCRBY a 9223372036854775807", "-ERR increment or decrement would overflow\r\n"),
    Exchange("DECRBY a -9223372036854775808", "-ERR decrement would overflow\r\n"),
    Exchange("APPEND a xyz", ":5\r\n"),
    Exchange("INCR a", "-ERR value is not an integer or out of range\r\n"),
    Exchange("STRLEN a", ":5\r\n"),
    Exchange("TYPE a", "+string\r\n"),
    Exchange("TYPE nothing", "+none\r\n"),
    Exchange("MSET b 1 c 2", "+OK\r\n"),
    Exchange("MSET b 1 c", "-ERR wrong number of arguments for 'mset' command\r\n"),
    Exchange("MGET a nothing c", "*3\r\n$5\r\n10xyz\r\n$-1\r\n$1\r\n2\r\n", resp3: "*3\r\n$5\r\n10xyz\r\n_\r\n$1\r\n2\r\n"),
    Exchange("EXISTS a a nothing", ":2\r\n"),
    Exchange("DBSIZE", ":3\r\n"),
    Exchange("RANDOMKEY", "$1\r\na\r\n"),
    Exchange("SCAN 0 COUNT 2", "*2\r\n$1\r\n2\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
    Exchange("SCAN 2", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n"),
    Exchange("SCAN 0 MATCH b* TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n"),
    Exchange("SCAN 0 TYPE hash", "*2\r\n$1\r\n0\r\n*0\r\n"),
    Exchange("SCAN x", "-ERR invalid cursor\r\n"),
    Exchange("SCAN 0 COUNT 0", "-ERR syntax error\r\n"),
    Exchange("SCAN 0 COUNT", "-ERR syntax error\r\n"),
    Exchange("KEYS *", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
    Exchange("DEL a nothing", ":1\r\n"),
    Exchange("UNLINK b c", ":2\r\n"),
    Exchange("RANDOMKEY", null, resp3: null3),
    Exchange("TIME", "*2\r\n$10\r\n1700000000\r\n$2\r\n42\r\n"),
    Exchange("READONLY", "+OK\r\n"),
    Exchange("READWRITE", "+OK\r\n"),
    Exchange("CLIENT ID", ":1\r\n"),
    Exchange("CLIENT GETNAME", null, resp3: null3),
    Exchange("CLIENT SETNAME me", "+OK\r\n"),
    Exchange("client getname", "$2\r\nme\r\n"),
    Exchange("CLIENT SETNAME a\tb", "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"),
    Exchange("CLIENT SETINFO LIB-NAME x", "+OK\r\n"),
    Exchange("CLIENT SETINFO COLOUR x", "-ERR Unrecognized option 'COLOUR'\r\n"),
    Exchange("CLIENT NO-EVICT ON", "+OK\r\n"),
    Exchange("CLIENT NO-TOUCH maybe", "-ERR syntax error\r\n"),
    Exchange("CLIENT NOPE", "-ERR unknown subcommand 'NOPE'. Try CLIENT HELP.\r\n"),
    Exchange("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n", resp3: "%1\r\n$4\r\nsave\r\n$0\r\n\r\n"),
    Exchange(
        "CONFIG GET APPEND* key-byte?", "*4\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n$9\r\nkey-bytes\r\n$4\r\n4096\r\n",
        resp3: "%2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n$9\r\nkey-bytes\r\n$4\r\n4096\r\n"),
    Exchange(
        "CONFIG GET request-timeout", "*2\r\n$15\r\nrequest-timeout\r\n$4\r\n5000\r\n",
        resp3: "%1\r\n$15\r\nrequest-timeout\r\n$4\r\n5000\r\n"),
    Exchange("CONFIG GET nothing", "*0\r\n", resp3: "%0\r\n"),
    Exchange("COMMAND INFO nothing", "*1\r\n$-1\r\n", resp3: "*1\r\n_\r\n"),
    Exchange(
        "COMMAND INFO get",
        "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*3\r\n+@read\r\n+@fast\r\n+@string\r\n*0\r\n*0\r\n*0\r\n",
        resp3:
            "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n+@read\r\n+@fast\r\n+@string\r\n*0\r\n*0\r\n*0\r\n"
    ),
    Exchange("COMMAND DOCS nothing", "*0\r\n", resp3: "%0\r\n"),
    Exchange("INFO shards", "$28\r\n# Shards\r\nshard1:leader=n1\r\n\r\n", resp3: "=32\r\ntxt:# Shards\r\nshard1:leader=n1\r\n\r\n"),
    Exchange("DECREE REPLACE shard1 dc2", "+OK\r\n"),
    Exchange("DECREE REPLACE shard1", "-ERR wrong number of arguments for 'decree|replace' command\r\n"),
    Exchange("DECREE SNAPSHOT shard1", "+OK\r\n"),
    Exchange("DECREE SNAPSHOT READ shard1 7 262144", "+OK\r\n"),
    Exchange("DECREE SNAPSHOT READ shard1 7", "-ERR syntax error\r\n"),
    Exchange("DECREE SNAPSHOT READ shard1 7 -1", "-ERR value is not an integer or out of range\r\n"),
    Exchange("DECREE STATUS", "$13\r\n{\"node\":\"n1\"}\r\n"),
    Exchange("FOO a b", "-ERR unknown command 'FOO', with args beginning with: 'a' 'b' \r\n"),
    Exchange("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
    Exchange("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"),
    Exchange("HELLO 2 NAME", "-ERR Syntax error in HELLO option 'NAME'\r\n"),
]

@Suite struct CommandTests {
    @Test(arguments: [2, 3]) func everyCommandIsAnsweredAsItsVersionWants(version: Int) throws {
        let client = try TestClient()
        _ = try client.ask("HELLO", String(version))
        for exchange in exchanges {
            let words = exchange.command.split(separator: " ").map(String.init)
            try client.send(request(words))
            #expect(try client.received() == (version == 3 ? exchange.reply3 : exchange.reply), "\(exchange.command)")
        }
    }

    @Test(arguments: [2, 3]) func everyCommandIsAnsweredTheSameWhenAllComeAtOnceAndAnswersComeBackwards(version: Int) throws {
        let client = try TestClient()
        _ = try client.ask("HELLO", String(version))
        client.service.answersAtOnce = false
        try client.send(exchanges.flatMap { request($0.command.split(separator: " ").map(String.init)) })
        while client.service.waitingCount > 0 {
            client.service.answerAllBackwards()
            client.channel.embeddedEventLoop.run()
        }
        #expect(try client.received() == exchanges.map { version == 3 ? $0.reply3 : $0.reply }.joined())
    }

    @Test func helloChangesTheVersionAndNamesTheConnection() throws {
        let client = try TestClient()
        let reply3 = try client.ask("HELLO", "3", "SETNAME", "me")
        #expect(reply3.hasPrefix("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"))
        #expect(reply3.contains("$5\r\nproto\r\n:3\r\n"))
        #expect(try client.ask("CLIENT", "GETNAME") == "$2\r\nme\r\n")
        #expect(try client.ask("GET", "a") == "_\r\n")
        #expect(try client.ask("HELLO", "2").hasPrefix("*14\r\n"))
        #expect(try client.ask("HELLO", "3", "AUTH", "u", "p").hasPrefix("-ERR AUTH <password> called without any password"))
        #expect(try client.ask("GET", "a") == "$-1\r\n", "a refused HELLO changes nothing")
    }

    @Test func resetTakesBackWhatTheConnectionSaid() throws {
        let client = try TestClient()
        _ = try client.ask("HELLO", "3", "SETNAME", "me")
        _ = try client.ask("READONLY")
        #expect(try client.ask("RESET") == "+RESET\r\n")
        #expect(try client.ask("CLIENT", "GETNAME") == "$-1\r\n")
        _ = try client.ask("GET", "a")
        #expect(client.service.requests == [.command(.query(.get(key: Array("a".utf8))))])
    }

    @Test func aReadonlyConnectionAsksItsOwnDatacenter() throws {
        let client = try TestClient()
        let key = Array("a".utf8)
        for words in [
            ["READONLY"], ["GET", "a"], ["DBSIZE"], ["SCAN", "0"], ["RANDOMKEY"], ["SET", "a", "1"], ["READWRITE"], ["GET", "a"],
        ] {
            try client.send(request(words))
        }
        #expect(
            client.service.requests == [
                .localQuery(.get(key: key)), .count(isLocal: true), .scan(cursor: 0, count: 10, pattern: nil, isLocal: true),
                .randomKey(isLocal: true),
                .command(.mutation(.set(key: key, value: Array("1".utf8), condition: .always, returnsPrevious: false))),
                .command(.query(.get(key: key))),
            ])
    }

    @Test func quitIsAnsweredAfterAllBeforeItAndClosesTheConnection() throws {
        let client = try TestClient()
        client.service.answersAtOnce = false
        try client.send("GET a\r\nQUIT\r\nPING\r\n")
        #expect(client.isConnected)
        client.service.answer()
        #expect(try client.received() == "$-1\r\n+OK\r\n")
        #expect(!client.isConnected)
    }

    @Test func failuresHaveTheirOwnCodes() throws {
        let failures: [(ServiceReply, String)] = [
            (.failed(.noShard("no shard owns a")), "-NOSHARD no shard owns a\r\n"),
            (.failed(.crossShard("two shards")), "-CROSSSHARD two shards\r\n"),
            (.failed(.unavailable("no\r\nleader")), "-UNAVAILABLE no  leader\r\n"),
            (.failed(.indeterminate("no answer")), "-INDETERMINATE no answer\r\n"),
            (.failed(.busy("full")), "-BUSY full\r\n"),
            (.failed(.diskFull("make room")), "-DISKFULL make room\r\n"),
            (.failed(.tooLarge("less")), "-ERR less\r\n"),
            (.failed(.stale("7 s")), "-STALE 7 s\r\n"),
            (.outcome(.failed(.notAnInteger)), "-ERR value is not an integer or out of range\r\n"),
            (.outcome(.failed(.overflow)), "-ERR increment or decrement would overflow\r\n"),
            (.outcome(.failed(.valueTooLarge)), "-ERR string exceeds maximum allowed size (value-bytes)\r\n"),
            (.outcome(.failed(.noSession)), "-INDETERMINATE the node's session with the shard has expired\r\n"),
            (.outcome(.done), "-INDETERMINATE the outcome is not of the command's kind\r\n"),
        ]
        let client = try TestClient()
        for (reply, text) in failures {
            client.service.replies = [reply]
            #expect(try client.ask("INCR", "a") == text)
        }
    }

    @Test func operatorsAnswersKeepTheirForm() throws {
        let client = try TestClient()
        let replies: [(AdministrationReply, String)] = [
            (.snapshot(SnapshotOffer(slot: Slot(9), byteCount: 4096, hash: .max)), "*3\r\n:9\r\n:4096\r\n$16\r\nffffffffffffffff\r\n"),
            (.bytes([0x61, 0x0D]), "$2\r\na\r\r\n"), (.bytes([]), "$0\r\n\r\n"),
            (.refused("NOTLEADER shard1 is led by dc2: ask there"), "-NOTLEADER shard1 is led by dc2: ask there\r\n"),
            (.notLeader(nil), "-NOTLEADER this node does not lead the shard\r\n"),
        ]
        for (reply, text) in replies {
            client.service.administrationReply = reply
            #expect(try client.ask("DECREE", "SNAPSHOT", "READ", "shard1", "9", "0") == text)
        }
        #expect(client.service.administered.last == .readSnapshot(shard: "shard1", slot: 9, offset: 0))
        #expect(try client.ask("DECREE", "REPLACE", "shard1", "dc2").hasPrefix("-NOTLEADER"))
        #expect(client.service.administered.last == .replace(shard: "shard1", node: "dc2"))
    }

    @Test func keysGoesThroughAllPagesAndHasABound() throws {
        var limits = GatewayLimits()
        limits.keysReplyMax = 2500
        let client = try TestClient(limits: limits)
        for index in 0..<2500 { try client.send(request("SET", "k\(index)", "v")) }
        _ = try client.received()
        #expect(try client.ask("KEYS", "*").hasPrefix("*2500\r\n$2\r\nk0\r\n"))
        #expect(try client.ask("SET", "one-more", "v") == "+OK\r\n")
        #expect(try client.ask("KEYS", "*") == "-ERR more than 2500 keys or 33554432 bytes: use SCAN\r\n")
    }

    @Test func infoHasTheGatewaysSectionsAndTheServices() throws {
        let client = try TestClient()
        _ = try client.ask("PING")
        let text = try client.ask("INFO")
        for line in [
            "# Server", "redis_version:7.2.0", "decree_version:0.1.0", "tcp_port:7001", "connected_clients:1", "total_commands_processed:2",
            "total_connections_received:1", "# Shards", "shard1:leader=n1",
        ] {
            #expect(text.contains(line + "\r\n"), "\(line)")
        }
        #expect(try !client.ask("INFO", "clients").contains("# Server"))
    }
}
