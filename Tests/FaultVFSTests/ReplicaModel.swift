import KeyValue
import Paxos
import Replica
import Storage

/// What a replica is told to write and to apply, and what must be found after any number of writes.
struct ReplicaScript {
    enum Step {
        case write(LedgerWrite)
        /// Entries that an acknowledged write has made durable and known to be chosen.
        case apply([SlottedEntry])
        case commitTable
        /// Gives up what the table holds durably, but for the last few rows.
        case compact
        case restart
    }

    /// The ledger after a write.
    struct Ledger: Hashable {
        var promise = Ballot.zero
        var entries: [SlottedEntry] = []
        var chosenUpTo = Slot.none
    }

    private(set) var steps: [Step] = []
    /// By number of writes.
    private(set) var ledgers = [Ledger()]
    let keys: [[UInt8]]
    private let payload: Int

    /// Each write accepts two entries, now and then with a promise, a later proposal for the last slot, or what is newly chosen.
    /// `restartEvery`: so many writes; nil: never.
    init(writes: Int, payload: Int = 20, restartEvery: UInt64? = 8, keyCount: Int = 7, compacts: Bool = true) {
        self.payload = payload
        keys = (0..<keyCount).map { Array("key\($0)".utf8) }
        for number in 1...UInt64(writes) {
            write(number)
            if number % 3 == 0 { steps.append(.apply(entries(from: ledgers[Int(number) - 1].chosenUpTo, ledgers[Int(number)]))) }
            if number % 6 == 0 { steps.append(.commitTable) }
            if compacts, number % 4 == 1 { steps.append(.compact) }
            if let restartEvery, number % restartEvery == 0 { steps.append(.restart) }
        }
    }

    static let session = SessionID(node: 1, random: 42)

    /// Slots that follow each other have keys apart from each other.
    private func key(_ slot: UInt64) -> [UInt8] { keys[Int(slot &* 89 % UInt64(keys.count))] }

    private mutating func write(_ number: UInt64) {
        var ledger = ledgers[ledgers.count - 1]
        let round = 1 + number / 4
        var added: [SlottedEntry] = []
        // A new ballot proposes the last slot, which is not chosen yet, once more.
        if number % 4 == 0, let last = ledger.entries.popLast() { added.append(entry(last.slot.rawValue, round: round)) }
        let first = UInt64(ledger.entries.count + added.count) + 1
        added += (first..<first + 2).map { entry($0, round: round) }
        ledger.entries += added
        let promise = number % 4 == 0 || number == 1 ? Ballot(round: round, node: NodeID(rawValue: 1)) : nil
        ledger.promise = promise ?? ledger.promise
        let chosen = number % 3 == 0 ? Slot(UInt64(ledger.entries.count) - 1) : nil
        ledger.chosenUpTo = chosen ?? ledger.chosenUpTo
        ledgers.append(ledger)
        steps.append(.write(LedgerWrite(number: number, promise: promise, entries: added, chosenUpTo: chosen)))
    }

    private func entries(from applied: Slot, _ ledger: Ledger) -> [SlottedEntry] {
        Array(ledger.entries[Int(applied.rawValue)..<Int(ledger.chosenUpTo.rawValue)])
    }

    private func entry(_ slot: UInt64, round: UInt64) -> SlottedEntry {
        let value = Array("slot \(slot), round \(round) ".utf8) + [UInt8](repeating: UInt8(ascii: "."), count: payload)
        let mutation: Mutation =
            switch slot {
            case 1: .openSession(timeToLive: 1_000_000)
            case _ where slot % 8 == 5: .delete(keys: [key(slot / 2)])
            default: .set(key: key(slot), value: value, condition: .always, returnsPrevious: false)
            }
        let command = SessionCommand(session: Self.session, sequence: slot, answeredBelow: slot, mutation: mutation)
        return SlottedEntry(
            slot: Slot(slot),
            entry: Entry(
                ballot: Ballot(round: round, node: NodeID(rawValue: 1)), stamp: Stamp(rawValue: 1_700_000_000_000 + slot),
                content: .command(command.bytes)))
    }
}

extension ReplicaScript.Ledger {
    /// The table that applying the log through `slot` makes.
    func reference(through slot: Slot) throws -> ReferenceTable {
        var table = ReferenceTable()
        for slotted in entries.prefix(Int(slot.rawValue)) {
            guard case .command(let bytes) = slotted.entry.content else { continue }
            try table.apply(bytes: bytes, slot: slotted.slot.rawValue, stamp: slotted.entry.stamp.rawValue)
        }
        return table
    }
}
