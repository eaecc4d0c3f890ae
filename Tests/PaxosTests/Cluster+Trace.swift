import Paxos

/// The last events of a run, for a person.
extension Cluster {
    func describe(_ input: Input) -> String {
        switch input {
        case .received(let envelope): "hears \(envelope.from.node) \(describe(envelope.message))"
        case .proposed(let commands, _): "is given \(commands.count) commands"
        case .ticked: "ticks"
        case .persisted(let receipt): "has synced \(receipt.upTo)"
        case .applied(let slot): "has applied \(slot)"
        case .ledgerRead(let request, let rows): "has read \(request.from) to \(request.through): \(rows.entries.count) rows"
        case .snapshotInstalled(let snapshot): "has installed the snapshot at \(snapshot.slot)"
        case .replacementWanted(let node): "is asked to replace \(node)"
        case .roomChanged(let hasRoom): hasRoom ? "has room again" : "has no room"
        case .confirmationWanted: "is asked to confirm"
        case .handoverWanted: "is asked to hand over"
        }
    }

    private func describe(_ message: Message) -> String {
        switch message {
        case .introduction(let word): "introduction(\(word.stage))"
        case .preVote(let word): "preVote(\(word.ballot))"
        case .preVoteReply(let word): "preVoteReply(\(word.ballot) \(word.isGranted))"
        case .prepare(let word): "prepare(\(word.ballot) from \(word.from))"
        case .promise(let word):
            "promise(\(word.ballot) chosen \(word.chosenUpTo) part \(word.part)/\(word.parts) \(word.entries.map { "\($0.slot)@\($0.entry.ballot)" }))"
        case .rejection(let word): "rejection(\(word.ballot) for \(word.promised))"
        case .accept(let word): "accept(\(word.ballot) \(word.first)+\(word.entries.count) chosen \(word.chosenUpTo))"
        case .accepted(let word): "accepted(\(word.acknowledgement.ballot) up to \(word.acknowledgement.upTo) gap \(word.hasGap))"
        case .heartbeat(let word): "heartbeat(\(word.ballot) chosen \(word.chosenUpTo))"
        case .heartbeatReply(let word): "heartbeatReply(\(word.ballot))"
        case .fetch(let word): "fetch(\(word.from)-\(word.through))"
        case .chosenEntries(let word): "chosenEntries(\(word.first)+\(word.entries.count))"
        case .handover(let word): "handover(\(word.ballot))"
        }
    }
}
