import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// One command for keys of several shards, one key in each.
struct SeveralRequest {
    enum Kind: String { case read = "MGET", exist = "EXISTS", delete = "DEL", set = "MSET" }

    let kind: Kind
    let keys: [String]
    /// Of `set`, which is refused: it would have to be atomic.
    var tags: [String] = []
    var isLocal = false

    var input: ServiceRequest {
        let keys = keys.map { [UInt8]($0.utf8) }
        switch kind {
        case .read: return isLocal ? .localQuery(.getMany(keys: keys)) : .command(.query(.getMany(keys: keys)))
        case .exist: return isLocal ? .localQuery(.exists(keys: keys)) : .command(.query(.exists(keys: keys)))
        case .delete: return .command(.mutation(.delete(keys: keys)))
        case .set:
            return .command(.mutation(.setMany(pairs: zip(keys, tags).map { Mutation.Pair(key: $0, value: [UInt8]($1.utf8)) })))
        }
    }

    func input(at place: Int) -> KeyCommand {
        switch kind {
        case .read, .exist: .get
        case .delete: .delete
        case .set: .set(tags[place])
        }
    }

    /// What the answer says of one key; nil where it can't be the answer.
    func reply(_ reply: ServiceReply, at place: Int) -> ServiceReply? {
        switch (kind, reply) {
        case (.set, .failed(.crossShard)): return reply
        case (.set, _): return nil
        case (_, .failed): return reply
        case (.read, .outcome(.values(let values))): return values.count == keys.count ? .outcome(.value(values[place])) : nil
        case (.exist, .outcome(.integer(0))): return .outcome(.value(nil))
        case (.exist, .outcome(.integer(let count))):
            return 1...Int64(keys.count) ~= count ? .failed(.unavailable("a count says nothing of one key's value")) : nil
        case (.delete, .outcome(.integer(let count))):
            if count == 0 || count == Int64(keys.count) { return .outcome(.integer(count.signum())) }
            return 0...Int64(keys.count) ~= count ? .failed(.indeterminate("some of the keys were deleted")) : nil
        default: return nil
        }
    }
}

extension Simulation {
    /// Each part stands by itself, so each is a call of its own to those who check.
    func ask(_ request: SeveralRequest, at node: SimulatedNode, then: @escaping (ServiceReply) -> Void) -> Int? {
        guard let life = node.life, life.canTakeCommands, let router = life.router else { return nil }
        let first = calls.count
        for (place, key) in request.keys.enumerated() {
            append(request.input(at: place), key, isLocal: request.isLocal, at: node, life)
            calls[calls.count - 1].isPart = true
        }
        note("\(node.id) ← #\(first) \(request.kind.rawValue) \(request.keys)\(request.isLocal ? " locally" : "")")
        life.perform { [unowned life, unowned self] in
            router.execute(request.input) { reply in
                if life.isOver { return self.fail("answers: #\(first) is answered by a process that has ended") }
                for place in request.keys.indices {
                    guard let part = request.reply(reply, at: place) else {
                        return self.fail("answers: #\(first), \(request.kind.rawValue) of several shards, is answered \(reply)")
                    }
                    self.answered(first + place, part)
                }
                self.tally(reply, "\(request.kind.rawValue) over shards", isLocal: request.isLocal)
                then(reply)
            }
        }
        return first
    }
}
