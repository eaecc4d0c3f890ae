import Paxos

extension Event {
    func text(_ vocabulary: Vocabulary) -> String {
        switch self {
        case .timeOut: return "loses patience"
        case .heartbeat: return "shows its life"
        case .command: return "takes a command"
        case .sync: return "syncs"
        case .apply: return "applies"
        case .restart(let kept, let keepsTable):
            return "crashes and starts again (\(kept) writes were on disk\(keepsTable ? "" : ", the table was not"))"
        case .ledgerRead: return "has read its ledger for a peer"
        case .readBegins(let required): return "is asked to read (slot \(required) was applied somewhere)"
        case .tableAnswers: return "has read its table"
        case .handover: return "shall give leadership away"
        case .receive(let number):
            let envelope = vocabulary.messages[number]
            return "receives from \(envelope.from.node)" + (envelope.from.boot.rawValue > 1 ? " (boot \(envelope.from.boot.rawValue))" : "")
                + " \(envelope.message.text)"
        }
    }
}

extension Message {
    var text: String {
        switch self {
        case .introduction: "introduction"
        case .preVote(let word): "pre-vote(\(word.ballot))"
        case .preVoteReply(let word): "pre-vote reply(\(word.ballot): \(word.isGranted ? "yes" : "no"), promised \(word.promised))"
        case .prepare(let word):
            "prepare(\(word.ballot) from slot \(word.from)" + (word.released.map { ", released \($0))" } ?? ")")
        case .promise(let word):
            "promise(\(word.ballot), chosen up to \(word.chosenUpTo), accepted [\(word.entries.map(\.text).joined(separator: ", "))])"
        case .rejection(let word): "rejection(\(word.ballot), promised \(word.promised))"
        case .accept(let word):
            "accept([\(word.rows.map(\.text).joined(separator: ", "))], chosen up to \(word.chosenUpTo))"
        case .accepted(let word):
            "accepted(\(word.acknowledgement.ballot) up to \(word.acknowledgement.upTo)\(word.hasGap ? ", with a gap)" : ")")"
        case .heartbeat(let word):
            "heartbeat(\(word.ballot), chosen up to \(word.chosenUpTo), sent at \(word.sentAt.nanoseconds / Scenario.unit))"
        case .heartbeatReply(let word):
            "heartbeat reply(\(word.ballot), acknowledged \(word.acknowledgement.ballot) up to \(word.acknowledgement.upTo), "
                + "of \(word.sentAt.nanoseconds / Scenario.unit))"
        case .fetch(let word): "fetch(\(word.from)...\(word.through))"
        case .chosenEntries(let word): "chosen entries([\(word.rows.map(\.text).joined(separator: ", "))])"
        case .handover(let word): "handover(\(word.ballot))"
        }
    }
}

extension SlottedEntry {
    var text: String { "slot \(slot) = \(entry.content.text) @\(entry.ballot)" }
}

extension Entry.Content {
    var text: String {
        switch self {
        case .noOperation: "no-op"
        case .command(let bytes): "command \(bytes.map { "\($0)" }.joined(separator: "."))"
        case .configuration(let configuration): "configuration \(configuration.number)"
        }
    }
}

extension LedgerWrite {
    var text: String {
        var parts: [String] = []
        if let promise { parts.append("promise \(promise)") }
        parts += entries.map(\.text)
        if let chosenUpTo { parts.append("chosen up to \(chosenUpTo)") }
        return parts.isEmpty ? "nothing new" : parts.joined(separator: ", ")
    }
}

extension Accept {
    var rows: [SlottedEntry] { entries.numbered(from: first) }
}

extension ChosenEntries {
    var rows: [SlottedEntry] { entries.numbered(from: first) }
}

extension [Entry] {
    fileprivate func numbered(from first: Slot) -> [SlottedEntry] {
        enumerated().map { SlottedEntry(slot: first.advanced(by: $0.offset), entry: $0.element) }
    }
}
