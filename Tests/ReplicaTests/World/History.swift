import KeyValue
import Linearizability
import Paxos
import Replica

/// What the clients asked, and what they were told.
final class History {
    struct Call {
        let number: Int
        let node: NodeID
        let boot: UInt64
        let key: String
        let input: KeyCommand
        let isLocal: Bool
        let invokedAt: Instant
        var reply: ServiceReply?
        var answeredAt: Instant?

        var isRead: Bool { input == .get }
    }

    var calls: [Call] = []

    var unanswered: [Call] { calls.filter { $0.reply == nil } }
}

extension Machine {
    /// Asks this node; nil where its process can't be asked now.
    @discardableResult
    func ask(_ input: KeyCommand, key: String, isLocal: Bool = false, then: ((ServiceReply) -> Void)? = nil) -> Int? {
        guard let life, life.canTakeCommands else { return nil }
        let world = world
        let number = world.history.calls.count
        world.history.calls.append(
            History.Call(
                number: number, node: node, boot: life.boot, key: key, input: input, isLocal: isLocal, invokedAt: world.now))
        world.note("\(node) ← #\(number) \(input) \(key)\(isLocal ? " locally" : "")")
        life.perform { [unowned life] in
            life.server.execute(input.command(key: key), isLocal: isLocal) { reply in
                if life.isOver { return world.fail("#\(number) is answered by a process that has ended") }
                if world.history.calls[number].reply != nil { world.fail("#\(number) is answered twice") }
                world.history.calls[number].reply = reply
                world.history.calls[number].answeredAt = world.now
                world.note("\(life.machine.node) → #\(number) \(reply)")
                then?(reply)
            }
        }
        return number
    }

    /// Asks and waits for the answer.
    func answer(_ input: KeyCommand, key: String, isLocal: Bool = false) -> ServiceReply? {
        guard let number = ask(input, key: key, isLocal: isLocal) else { return nil }
        _ = world.run { world.history.calls[number].reply != nil }
        return world.history.calls[number].reply
    }
}

extension KeyCommand {
    func command(key: String) -> Command {
        let key = [UInt8](key.utf8)
        func set(_ value: String, _ condition: Mutation.Condition) -> Command {
            .mutation(.set(key: key, value: [UInt8](value.utf8), condition: condition, returnsPrevious: false))
        }
        switch self {
        case .get: return .query(.get(key: key))
        case .set(let value): return set(value, .always)
        case .setIfAbsent(let value): return set(value, .ifAbsent)
        case .setIfEqual(let expected, let value): return set(value, .ifEqual([UInt8](expected.utf8)))
        case .increment(let amount): return .mutation(.increment(key: key, by: amount))
        case .append(let value): return .mutation(.append(key: key, value: [UInt8](value.utf8)))
        case .delete: return .mutation(.delete(keys: [key]))
        }
    }

    /// Nil where the outcome is none that this command can have.
    func result(_ outcome: Outcome) -> KeyResult? {
        switch (self, outcome) {
        case (.get, .value(let bytes)): .value(bytes.map { String(decoding: $0, as: UTF8.self) })
        case (.set, .set(true, nil)): .done
        case (.setIfAbsent, .set(let isApplied, nil)), (.setIfEqual, .set(let isApplied, nil)): .applied(isApplied)
        case (.increment, .integer(let number)), (.append, .integer(let number)): .integer(number)
        case (.delete, .integer(let count)): .applied(count > 0)
        default: nil
        }
    }
}
