import FaultVFS
import KeyValue
import Paxos
import Replica
import Simulator
import Storage
import Testing

/// A disk that fills up under a ledger: nothing ends, nothing is lost, and it goes on by itself.
@Suite struct RoomTests {
    private static let reserveBytes = 100_000
    private let machine: Machine
    private let executor = InlineExecutor()
    private let reports = Reports()

    init() throws { machine = try Machine(seed: 1) }

    private func open(_ change: (inout StorageLimits) -> Void = { _ in }) throws(StorageError) -> OpenReplica {
        var limits = StorageLimits()
        limits.reserveBytes = UInt64(Self.reserveBytes)
        limits.compactionStepSlots = 1...1000
        change(&limits)
        let owner = ReplicaOwner(
            cluster: "demo", nodeName: "dc1", node: NodeID(rawValue: 1), shardName: "shard1", shard: ShardID(rawValue: 7))
        return try ReplicaDirectory(nodeDirectory: "/node", owner: owner).open(
            ledgerExecutor: executor, tableExecutor: executor, writerExecutor: executor, snapshotExecutor: executor,
            handlers: reports.handlers,
            medium: StorageMedium(vfs: machine.vfs.name, fileSystem: SimulatedFiles(process: machine.vfs.process), limits: limits),
            random: { 0xABC })
    }

    private func setFree(_ bytes: Int) { machine.disk.setCapacity(bytes: machine.disk.usedBytes + bytes) }

    private func entry(_ slot: UInt64, bytes: Int = 10_000) -> SlottedEntry {
        let value = [UInt8](repeating: 7, count: bytes)
        let mutation =
            slot == 1
            ? Mutation.openSession(timeToLive: 1_000_000)
            : .set(key: [UInt8(slot)], value: value, condition: .always, returnsPrevious: false)
        let command = SessionCommand(session: SessionID(node: 1, random: 42), sequence: slot, answeredBelow: slot, mutation: mutation)
        return SlottedEntry(
            slot: Slot(slot),
            entry: Entry(
                ballot: Ballot(round: 1, node: NodeID(rawValue: 1)), stamp: Stamp(rawValue: slot), content: .command(command.bytes)))
    }

    private func apply(through last: UInt64, bytes: Int, _ replica: OpenReplica) {
        let entries = (1...last).map { entry($0, bytes: bytes) }
        replica.ledger.commit(LedgerWrite(number: 1, entries: entries, chosenUpTo: Slot(last)))
        replica.table.apply(entries)
    }

    private var ledgerBytes: Int { machine.disk.byteCount(of: "/node/shard1/ledger.sqlite") }

    private var reserve: Int { machine.disk.byteCount(of: "/node/RESERVE") }

    @Test func theReserveIsTakenWhereThereIsRoomForIt() throws {
        let replica = try open()
        setFree(200_000)
        executor.runDelayed()
        #expect(reserve == 0, "it would leave too little")
        setFree(220_000)
        executor.runDelayed()
        #expect(reserve == Self.reserveBytes)
        #expect(reports.seen.room == [])
        replica.close()
    }

    @Test func belowTheReserveThereIsNoRoomUntilThereIsMore() throws {
        let replica = try open()
        setFree(300_000)
        executor.runDelayed()
        for (free, room) in [
            (100_000, [Bool]()), (99_000, [false]), (105_000, [false]), (110_000, [false, true]), (99_000, [false, true, false]),
        ] {
            setFree(free)
            executor.runDelayed()
            #expect(reports.seen.room == room, "\(free) bytes free")
        }
        replica.close()
    }

    @Test func aWriteThatFindsNoRoomTakesTheReserve() throws {
        let replica = try open()
        setFree(300_000)
        executor.runDelayed()
        setFree(1000)
        replica.ledger.commit(LedgerWrite(number: 1, entries: (1...5).map { entry($0) }, chosenUpTo: Slot(5)))
        #expect(reports.seen.receipts == [1])
        #expect(reserve == 0)
        #expect(reports.seen.room == [false])
        executor.runDelayed()
        #expect(reserve == 0 && reports.seen.room == [false], "there is not room for it yet")
        setFree(215_000)
        executor.runDelayed()
        #expect(reserve == Self.reserveBytes && reports.seen.room == [false, true])
        replica.close()
    }

    @Test func aWriteWithoutRoomWaitsForItAndLosesNothing() throws {
        let replica = try open()
        replica.ledger.commit(LedgerWrite(number: 1, entries: [entry(1)], chosenUpTo: Slot(1)))
        setFree(20_000)
        replica.ledger.commit(LedgerWrite(number: 2, entries: (2...9).map { entry($0) }))
        replica.ledger.read(LedgerRead(token: 1, from: Slot(1), through: Slot(9), byteLimit: .max))
        for _ in 1...3 { executor.runDelayed() }
        #expect(reports.seen.receipts == [1])
        #expect(reports.seen.stalls.map(\.obstacle) == [.noRoom, .noRoom, .noRoom], "after 250, 500 and 1,000 milliseconds")
        #expect(reports.seen.failures.isEmpty)
        setFree(500_000)
        executor.runDelayed()
        #expect(reports.seen.receipts == [1, 2])
        #expect(reports.seen.entries.map(\.count) == [9], "answered in its order")
        replica.close()
        #expect(try open().state.entries.count == 8)
    }

    /// What is given up has a use at once: the pages are there.
    @Test func compactionGoesOnWithoutRoom() throws {
        let replica = try open()
        setFree(1_000_000)
        executor.runDelayed()
        replica.ledger.commit(LedgerWrite(number: 1, entries: (1...20).map { entry($0) }, chosenUpTo: Slot(20)))
        replica.ledger.compact(upTo: Slot(19), durableUpTo: Slot(20))
        setFree(0)
        replica.ledger.commit(LedgerWrite(number: 2, entries: [entry(21)]))
        #expect(reports.seen.room == [false])
        replica.ledger.read(LedgerRead(token: 1, from: Slot(1), through: Slot(9), byteLimit: .max))
        #expect(reports.seen.receipts == [1, 2])
        #expect(reports.seen.entries == [[]], "the rows went with the write, in the room that the reserve gave")
        replica.close()
    }

    /// Only what the table holds durably may go from the log: that must not wait for a checkpoint that would be due much later.
    @Test func whereRoomIsLostTheTableIsDurableAtOnceAndTheReserveStays() throws {
        let replica = try open()
        setFree(1_000_000)
        executor.runDelayed()
        apply(through: 10, bytes: 1000, replica)
        #expect(reports.seen.durableUpTo == .none)
        setFree(99_000)
        executor.runDelayed()
        #expect(reports.seen.room == [false])
        #expect(reports.seen.durableUpTo == Slot(10))
        #expect(reserve == Self.reserveBytes)
        replica.close()
    }

    @Test func aCheckpointThatFindsNoRoomTakesTheReserve() throws {
        let replica = try open()
        setFree(1_000_000)
        executor.runDelayed()
        apply(through: 5, bytes: 10_000, replica)
        executor.runDelayed()
        setFree(10_000)
        executor.runDelayed()
        #expect(reports.seen.durableUpTo == Slot(5))
        #expect(reserve == 0)
        #expect(reports.seen.stalls == [])
        replica.close()
    }

    /// Once a checkpoint has found no room, nothing but the lack of it asks for another.
    @Test func withoutRoomTheTableIsMadeDurableAsSoonAsThatIsPossible() throws {
        let replica = try open()
        setFree(205_000)
        apply(through: 5, bytes: 10_000, replica)
        executor.runDelayed()
        setFree(0)
        for _ in 1...20 { executor.runDelayed() }
        #expect(reports.seen.room == [false])
        #expect(reports.seen.durableUpTo == .none)
        // Not enough to be called room, but for all that the file lacks, what a new table begins with too.
        setFree(150_000)
        for _ in 1...4 { executor.runDelayed() }
        #expect(reports.seen.room == [false])
        #expect(reports.seen.durableUpTo == Slot(5))
        replica.close()
    }

    @Test func withoutRoomPagesGoBackWhenNobodyWaits() throws {
        let replica = try open { $0.ledgerCheckpointFrames = 4 }
        setFree(1_000_000)
        executor.runDelayed()
        replica.ledger.commit(LedgerWrite(number: 1, entries: (1...20).map { entry($0) }, chosenUpTo: Slot(20)))
        replica.ledger.compact(upTo: Slot(20), durableUpTo: Slot(20))
        for _ in 1...8 { executor.runDelayed() }
        let before = ledgerBytes
        #expect(before > 200_000, "what is free is used again")
        setFree(90_000)
        for _ in 1...20 { executor.runDelayed() }
        #expect(ledgerBytes < before - 150_000)
        replica.close()
    }

    @Test func aNodeOpensOnAFullDisk() throws {
        let first = try open()
        setFree(300_000)
        executor.runDelayed()
        first.ledger.commit(LedgerWrite(number: 1, entries: [entry(1)], chosenUpTo: Slot(1)))
        machine.disk.kill()
        try machine.boot()
        setFree(0)
        let second = try open()
        #expect(reserve == 0)
        #expect(second.state.chosenUpTo == Slot(1))
        setFree(50_000)
        executor.runDelayed()
        #expect(reports.seen.room == [false])
        second.close()
    }
}
