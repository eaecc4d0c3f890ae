import Paxos
import Replica
import SQLite
import Storage
import Testing

@Suite struct LedgerTests {
    let replicas = Replicas()

    @Test func aRestartKeepsEverything() throws {
        let recorder = Recorder()
        let first = try replicas.open(recorder)
        #expect(
            first.state.identity == Party(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 0xABC), boot: Boot(rawValue: 1)))
        #expect(first.state.membership == Membership(stage: .gathering, genesis: []))
        let members = [1, 2, 3].map {
            Configuration.Member(node: NodeID(rawValue: $0), incarnation: Incarnation(rawValue: .max - UInt64($0)), isVoter: $0 < 3)
        }
        let configurations = [
            ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members)),
            ChosenConfiguration(slot: Slot(3), configuration: Configuration(number: 2, members: Array(members.prefix(2)))),
        ]
        let change = SlottedEntry(
            slot: Slot(3), entry: Entry(ballot: ballot(4), stamp: .zero, content: .configuration(configurations[1].configuration)))
        let noOperation = SlottedEntry(slot: Slot(5), entry: Entry(ballot: ballot(4), stamp: .zero, content: .noOperation))
        let entries = [opening, set(2, "a", ""), change, noOperation]
        first.ledger.commit(
            LedgerWrite(
                number: 8, promise: ballot(5, 3), entries: entries, chosenUpTo: Slot(3),
                membership: Membership(stage: .born, genesis: members),
                configurations: configurations))
        first.close()

        let second = try replicas.open(incarnation: 0xDEF)
        #expect(recorder.seen.receipts == [8])
        #expect(
            second.state.identity == Party(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 0xABC), boot: Boot(rawValue: 2)))
        #expect(second.state.promise == ballot(5, 3))
        #expect(second.state.membership == Membership(stage: .born, genesis: members))
        #expect(second.state.configurations == configurations)
        #expect(second.state.entries == [noOperation], "with the gap at slot 4")
        #expect(second.state.chosenUpTo == Slot(3))
        #expect(second.appliedUpTo == Slot(3))
    }

    @Test func aLaterEntryReplacesAnEarlierOne() throws {
        let first = try replicas.open()
        first.ledger.commit(LedgerWrite(number: 1, entries: [opening, set(2, "a", "old"), set(2, "a", "newer", round: 2)]))
        first.ledger.commit(LedgerWrite(number: 2, entries: [set(2, "a", "newest", round: 3)]))
        first.close()
        #expect(try replicas.open().state.entries == [opening, set(2, "a", "newest", round: 3)])
    }

    @Test func aWriteIsOneCommitHoweverMuchItHolds() throws {
        let replica = try replicas.open()
        let before = try #require(replica.ledger.commitCount)
        replica.ledger.commit(LedgerWrite(number: 1, promise: ballot(1), entries: log(through: 500), chosenUpTo: Slot(1)))
        #expect(replica.ledger.commitCount == before + 1)
        replica.ledger.commit(LedgerWrite(number: 2, entries: [set(501, "a", "b")], chosenUpTo: Slot(500)))
        #expect(replica.ledger.commitCount == before + 2)
    }

    @Test func catchUpReadsWithoutGapsAndWithinTheLimit() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        let entries = log(through: 20)
        replica.ledger.commit(LedgerWrite(number: 1, entries: entries.filter { $0.slot != Slot(15) }))
        func read(_ from: UInt64, _ through: UInt64, byteLimit: Int = .max) -> [SlottedEntry]? {
            replica.ledger.read(LedgerRead(token: 1, from: Slot(from), through: Slot(through), byteLimit: byteLimit))
            return recorder.seen.entries.last
        }
        #expect(read(3, 5) == Array(entries[2...4]))
        #expect(read(12, 20) == Array(entries[11...13]), "slot 15 has no row")
        #expect(read(15, 20) == [])
        #expect(read(2, 9, byteLimit: 2 * entries[1].entry.byteCount) == Array(entries[1...2]))
        #expect(read(2, 9, byteLimit: 1) == [entries[1]], "never nothing")
    }

    @Test func aDamagedRowIsNeverReadAsAnEntry() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 5)))
        // Not known to be chosen: it may have been accepted.
        _ = try shell(replicas.ledgerPath, "UPDATE log_rows SET ballot_round = 9 WHERE slot = 4")
        replica.ledger.read(LedgerRead(token: 1, from: Slot(1), through: Slot(5), byteLimit: .max))
        #expect(recorder.seen.failures.map(\.kind) == [.damaged])
        replica.ledger.commit(LedgerWrite(number: 2, promise: ballot(7)))
        #expect(recorder.seen.receipts == [1], "nothing is answered after a failure")
        replica.close()
        let error = #expect(throws: StorageError.self) { _ = try replicas.open() }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("slot 4") == true)
    }

    @Test(arguments: ["slot = 40", "stamp = stamp + 1", "kind = 0, payload = x''", "payload = payload || x'00'", "ballot_node = 2"])
    func everyColumnOfARowIsChecked(change: String) throws {
        let replica = try replicas.open()
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 3)))
        replica.close()
        _ = try shell(replicas.ledgerPath, "UPDATE log_rows SET \(change) WHERE slot = 3")
        #expect(throws: StorageError.self) { _ = try replicas.open() }
    }

    @Test func aLockedLedgerStallsAndGoesOn() throws {
        let recorder = Recorder()
        let thread = try SerialThread(name: "ledger")
        let replica = try ReplicaDirectory(nodeDirectory: replicas.directory.path, owner: replicas.owner).open(
            ledgerExecutor: thread, tableExecutor: thread, writerExecutor: thread, snapshotExecutor: thread, handlers: recorder.handlers,
            random: { 1 })
        let other = try Connection(path: replicas.ledgerPath, access: .readWrite, busyTimeout: 0)
        let transaction = try other.begin()
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 2)))
        recorder.waitForStall()
        #expect(recorder.seen.receipts == [])
        try transaction.commit()
        recorder.waitForReceipt()
        #expect(recorder.seen.receipts == [1])
        replica.close()
        thread.stop()
        #expect(recorder.seen.failures.isEmpty)
    }

    @Test func aLockedLedgerDoesNotKeepTheNodeFromStopping() throws {
        let recorder = Recorder()
        let thread = try SerialThread(name: "ledger")
        let replica = try ReplicaDirectory(nodeDirectory: replicas.directory.path, owner: replicas.owner).open(
            ledgerExecutor: thread, tableExecutor: thread, writerExecutor: thread, snapshotExecutor: thread, handlers: recorder.handlers,
            random: { 1 })
        let other = try Connection(path: replicas.ledgerPath, access: .readWrite, busyTimeout: 0)
        let transaction = try other.begin()
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 2)))
        recorder.waitForStall()
        replica.close()
        thread.stop()
        try transaction.commit()
        #expect(recorder.seen.receipts == [])
        #expect(try replicas.open().state.entries == [], "what was not answered was not written")
    }
}
