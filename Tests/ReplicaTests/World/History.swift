import Linearizability
import Paxos
import Replica
import Simulator

/// What the clients asked, and what they were told.
final class History {
    var calls: [ClientCall] = []

    var unanswered: [ClientCall] { calls.filter { $0.reply == nil } }
}

extension Machine {
    /// Asks this node; nil where its process can't be asked now.
    @discardableResult
    func ask(_ input: KeyCommand, key: String, isLocal: Bool = false, then: ((ServiceReply) -> Void)? = nil) -> Int? {
        guard let life, life.canTakeCommands else { return nil }
        let world = world
        let number = world.history.calls.count
        world.history.calls.append(
            ClientCall(
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
