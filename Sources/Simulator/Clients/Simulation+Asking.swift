import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// One command for one key, or for a pair of keys that are always written together.
struct ClientRequest {
    let input: KeyCommand
    let key: String
    var isPair = false
    var isLocal = false

    /// As the gateway's clients know it.
    var name: String {
        switch input {
        case .get: isPair ? "MGET" : isLocal ? "GET under READONLY" : "GET"
        case .set: isPair ? "MSET" : "SET"
        case .setIfAbsent: "SET NX"
        case .setIfEqual: "SET IFEQ"
        case .increment: "INCR"
        case .append: "APPEND"
        case .delete: "DEL"
        }
    }

    /// To ask for it twice is no more than to ask once, or else the second time it has no effect.
    var canBeRepeated: Bool {
        switch input {
        case .get, .set, .setIfAbsent, .setIfEqual, .delete: true
        case .increment, .append: false
        }
    }

    var serviceRequest: ServiceRequest {
        let command = (isPair ? input.pairCommand(key: key) : nil) ?? input.command(key: key)
        if isLocal, case .query(let query) = command { return .localQuery(query) }
        return .command(command)
    }
}

extension Simulation {
    /// Asks a node, through its router; nil where its process can't be asked now. The number of the call.
    @discardableResult
    func ask(_ request: ClientRequest, at node: SimulatedNode, then: ((ServiceReply) -> Void)? = nil) -> Int? {
        guard let life = node.life, life.canTakeCommands, let router = life.router else { return nil }
        let number = calls.count
        append(request.input, request.key, isLocal: request.isLocal, at: node, life)
        note("\(node.id) ← #\(number) \(request.input) \(request.key)\(request.isLocal ? " locally" : "")")
        life.perform { [unowned life, unowned self] in
            router.execute(request.serviceRequest) { reply in
                if life.isOver { return self.fail("answers: #\(number) is answered by a process that has ended") }
                self.answered(number, reply)
                self.tally(reply, request.name, isLocal: request.isLocal)
                then?(reply)
            }
        }
        return number
    }

    func append(_ input: KeyCommand, _ key: String, isLocal: Bool, at node: SimulatedNode, _ life: NodeLife) {
        calls.append(
            ClientCall(number: calls.count, node: node.id, boot: life.number, key: key, input: input, isLocal: isLocal, invokedAt: now))
        if let tag = input.tag { attempts[tag, default: 0] += 1 }
    }

    func tally(_ reply: ServiceReply, _ name: String, isLocal: Bool) {
        switch reply {
        case .outcome:
            statistics.commands[name, default: 0] += 1
            if isLocal { statistics.localReads += 1 } else { statistics.commandsAcknowledged += 1 }
        case .failed(let failure):
            if failure.isDefinite { statistics.definiteFailures += 1 } else { statistics.indeterminateFailures += 1 }
        }
    }

    func answered(_ number: Int, _ reply: ServiceReply) {
        if calls[number].reply != nil { fail("answers: #\(number) is answered twice") }
        calls[number].reply = reply
        calls[number].answeredAt = now
        calls[number].mayBeStale = calls[number].isRead && cluster.settings.reads == .lease && now < clocksKeptBoundSince
        note("\(calls[number].node) → #\(number) \(reply)")
        mix(UInt64(number))
        switch reply {
        case .outcome(let outcome):
            mix(Checksum.of(outcome.bytes))
            checkIsDurable(calls[number])
        case .failed(let failure): mix("\(failure)")
        }
    }

    /// The calls for keys of one shard.
    func calls(ofShard ordinal: Int) -> [ClientCall] { calls.filter { cluster.ordinal(owning: [UInt8]($0.key.utf8)) == ordinal } }

    /// The letter that the shard's keys begin with.
    func letter(ofShard ordinal: Int) -> String { String(decoding: cluster.shards[ordinal].keys.lower, as: UTF8.self) }
}
