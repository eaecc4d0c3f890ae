import Foundation
import KeyValue
import Paxos
import Replica
import SQLite
import Storage
import Testing

@Suite struct SnapshotTests {
    let source = Replicas()
    let receiver = Replicas(owner: Replicas.owner(node: "dc2", id: 2))
    static let members = [Configuration.Member(node: NodeID(rawValue: 2), incarnation: Incarnation(rawValue: 0xDEF), isVoter: true)]

    /// A born replica with its table applied up to `last`.
    private func filled(_ replicas: Replicas, through last: UInt64, _ recorder: Recorder, value: String = "value") throws -> OpenReplica {
        let replica = try replicas.open(recorder)
        let entries = [opening] + (2..<max(last + 1, 2)).map { set($0, "key\($0)", value + "\($0)") }
        replica.ledger.commit(
            LedgerWrite(
                number: 1, promise: ballot(3), entries: entries, chosenUpTo: Slot(last),
                membership: Membership(stage: .born, genesis: Self.members)))
        replica.table.apply(entries)
        return replica
    }

    private func transfer(_ from: OpenReplica, _ sent: Recorder, to other: OpenReplica) throws -> SnapshotOffer {
        from.snapshots.offer(atLeast: Slot(1), isFresh: false)
        let offer = try #require(sent.seen.offers.last.flatMap { $0 })
        for offset in stride(from: 0, to: offer.byteCount, by: SnapshotChunk.bytesMax) {
            other.snapshots.store(try piece(from, sent, offer, offset))
        }
        return offer
    }

    private func piece(_ from: OpenReplica, _ sent: Recorder, _ offer: SnapshotOffer, _ offset: UInt64) throws -> SnapshotChunk {
        from.snapshots.read(SnapshotPiece(token: 1, slot: offer.slot, offset: offset))
        return try #require(sent.seen.chunks.last.flatMap { $0 })
    }

    @Test func aSnapshotIsAPlainFileAtOneSlot() throws {
        let recorder = Recorder()
        let replica = try filled(source, through: 20, recorder)
        replica.snapshots.offer(atLeast: Slot(20), isFresh: false)
        let offer = try #require(recorder.seen.offers.last.flatMap { $0 })
        #expect(offer.slot == Slot(20))
        let path = source.path + "/snapshots/20.sqlite"
        #expect(try shell(path, "PRAGMA journal_mode; PRAGMA integrity_check; SELECT count(*) FROM key_values") == "delete\nok\n19")
        #expect(try shell(path, "SELECT applied_up_to FROM state") == "20")
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        #expect(SnapshotVerification.findings(inReplica: source.path).map(\.severity) == [.sound])
        replica.close()
    }

    @Test func aTableBelowWhatIsAskedForOffersNothing() throws {
        let recorder = Recorder()
        let replica = try filled(source, through: 20, recorder)
        replica.snapshots.offer(atLeast: Slot(21), isFresh: false)
        #expect(recorder.seen.offers == [nil])
        replica.close()
    }

    @Test func onlySoManyAreKept() throws {
        let recorder = Recorder()
        let replica = try filled(source, through: 20, recorder)
        for slot: UInt64 in 21...25 {
            let next = set(slot, "more", "\(slot)")
            replica.ledger.commit(LedgerWrite(number: slot, entries: [next], chosenUpTo: Slot(slot)))
            replica.table.apply([next])
            replica.snapshots.offer(atLeast: Slot(1), isFresh: true)
        }
        #expect(recorder.seen.offers.map { $0?.slot } == (21...25).map { Slot($0) })
        let names = try FileManager.default.contentsOfDirectory(atPath: source.path + "/snapshots").sorted()
        #expect(names.count == source.limits.snapshotsMax * 2 && names.contains("25.sqlite"), "\(names)")
        replica.close()
    }

    @Test func anInstalledSnapshotTakesTheTablesPlace() throws {
        let (sent, received) = (Recorder(), Recorder())
        let from = try filled(source, through: 40, sent, value: String(repeating: "v", count: 30_000))
        let to = try receiver.open(received, incarnation: 0xDEF)
        // Accepted above and below: what was not chosen below must not be taken for the log.
        let accepted = [set(39, "key39", "another"), set(41, "key41", "later")]
        to.ledger.commit(LedgerWrite(number: 1, promise: ballot(9), entries: accepted))
        let offer = try transfer(from, sent, to: to)
        #expect(offer.byteCount > UInt64(3 * SnapshotChunk.bytesMax))
        to.snapshots.install(slot: offer.slot, replayThrough: offer.slot)
        #expect(received.seen.refusals.isEmpty && received.seen.failures.isEmpty)
        let installed = try #require(received.seen.installed.first)
        #expect(installed.slot == Slot(40) && installed.appliedUpTo == Slot(40) && installed.stamp == Stamp(rawValue: 1_700_000_000_040))
        to.table.read([.count])
        #expect(received.seen.answers.last == .integer(39))
        to.close()
        from.close()
        #expect(!FileManager.default.fileExists(atPath: receiver.tablePath(1)))
        let again = try receiver.open(incarnation: 0xDEF)
        #expect(again.appliedUpTo == Slot(40) && again.state.chosenUpTo == Slot(40) && again.state.compactedUpTo == Slot(40))
        #expect(again.state.promise == ballot(9) && again.state.entries.map(\.slot) == [Slot(41)])
        again.close()
        #expect(TableVerification.findings(inReplica: receiver.path).map(\.severity) == [.sound])
    }

    @Test func rowsOfTheLogBehindItAreApplied() throws {
        let (sent, received) = (Recorder(), Recorder())
        let from = try filled(source, through: 20, sent)
        let to = try receiver.open(received, incarnation: 0xDEF)
        to.ledger.commit(LedgerWrite(number: 1, entries: (21...25).map { set($0, "key\($0)", "value") }))
        let offer = try transfer(from, sent, to: to)
        to.snapshots.install(slot: offer.slot, replayThrough: Slot(24))
        #expect(received.seen.installed.first?.appliedUpTo == Slot(24))
        to.table.read([.count])
        #expect(received.seen.answers.last == .integer(23))
        to.close()
        from.close()
    }

    /// While one is installed, which a shell holds up, no snapshot is made.
    @Test func offersThatWaitForAnInstallationAreAnsweredInTheirOrder() throws {
        let (sent, received) = (Recorder(), Recorder())
        let from = try filled(source, through: 40, sent)
        let to = try filled(receiver, through: 10, received)
        to.snapshots.offer(atLeast: Slot(1), isFresh: false)
        #expect(received.seen.offers.map { $0?.slot } == [Slot(10)])
        let offer = try transfer(from, sent, to: to)
        let shell = try Connection(path: receiver.ledgerPath, access: .readWrite, busyTimeout: 0)
        try shell.execute("BEGIN IMMEDIATE")
        to.snapshots.install(slot: offer.slot, replayThrough: offer.slot)
        to.snapshots.offer(atLeast: Slot(1), isFresh: true)
        to.snapshots.offer(atLeast: Slot(1), isFresh: false)
        #expect(received.seen.offers.map { $0?.slot } == [Slot(10)], "the one that is kept is not of this moment")
        try shell.execute("ROLLBACK")
        receiver.executor.runDelayed()
        #expect(received.seen.offers.map { $0?.slot } == [Slot(10), Slot(40), Slot(40)])
        to.close()
        from.close()
    }

    @Test func aTransferGoesOnInTheNextLife() throws {
        let sent = Recorder()
        let from = try filled(source, through: 200, sent, value: String(repeating: "v", count: 30_000))
        from.snapshots.offer(atLeast: Slot(1), isFresh: false)
        let offer = try #require(sent.seen.offers.last.flatMap { $0 })
        let to = try receiver.open(incarnation: 0xDEF)
        let size = UInt64(SnapshotChunk.bytesMax)
        for number: UInt64 in 0..<17 { to.snapshots.store(try piece(from, sent, offer, number * size)) }
        to.close()
        let received = Recorder()
        let again = try receiver.open(received, incarnation: 0xDEF)
        // A piece that leaves a gap only tells where it goes on: what was synced.
        again.snapshots.store(try piece(from, sent, offer, offer.byteCount - 10))
        #expect(received.seen.storedUpTo == [16 * size])
        for offset in stride(from: 16 * size, to: offer.byteCount, by: Int(size)) {
            again.snapshots.store(try piece(from, sent, offer, offset))
        }
        again.snapshots.install(slot: offer.slot, replayThrough: offer.slot)
        #expect(received.seen.installed.map(\.slot) == [Slot(200)])
        again.close()
        from.close()
    }

    @Test(arguments: [true, false]) func aSpoiledSnapshotIsRefusedAndGone(isHashKept: Bool) throws {
        let (sent, received) = (Recorder(), Recorder())
        let from = try filled(source, through: 20, sent)
        from.snapshots.offer(atLeast: Slot(1), isFresh: false)
        let offer = try #require(sent.seen.offers.last.flatMap { $0 })
        let sound = try piece(from, sent, offer, 0)
        var bytes = sound.bytes
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("value7".utf8)) })
        bytes[place] ^= 1
        // A peer whose disk has spoiled it before it was hashed: then the rows' own checksums tell.
        let hash = isHashKept ? offer.hash : Checksum.of(bytes)
        let to = try receiver.open(received, incarnation: 0xDEF)
        to.snapshots.store(SnapshotChunk(slot: 20, byteCount: offer.byteCount, hash: hash, offset: 0, bytes: bytes))
        to.snapshots.install(slot: Slot(20), replayThrough: Slot(20))
        #expect(received.seen.installed.isEmpty && received.seen.failures.isEmpty)
        #expect(received.seen.refusals.count == 1)
        #expect(received.seen.refusals.first?.contains(isHashKept ? "its hash is another" : "does not match") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: receiver.path + "/snapshots") == [])
        // The same once more, sound.
        to.snapshots.store(sound)
        to.snapshots.install(slot: Slot(20), replayThrough: Slot(20))
        #expect(received.seen.installed.map(\.slot) == [Slot(20)])
        to.close()
        from.close()
    }

    @Test func anotherClustersSnapshotIsRefused() throws {
        let other = Replicas(owner: Replicas.owner(cluster: "other"))
        let (sent, received) = (Recorder(), Recorder())
        let from = try filled(other, through: 20, sent)
        let to = try receiver.open(received, incarnation: 0xDEF)
        let offer = try transfer(from, sent, to: to)
        to.snapshots.install(slot: offer.slot, replayThrough: offer.slot)
        #expect(received.seen.refusals.first?.contains("cluster other") == true)
        to.close()
        from.close()
    }

    @Test func aSnapshotThatTheDiskHasChangedIsNotServed() throws {
        let recorder = Recorder()
        let replica = try filled(source, through: 20, recorder)
        replica.snapshots.offer(atLeast: Slot(1), isFresh: false)
        replica.close()
        let path = source.path + "/snapshots/20.sqlite"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: 9000)
        try file.write(contentsOf: [0x55])
        try file.close()
        #expect(SnapshotVerification.findings(inReplica: source.path).map(\.severity) == [.repairable])
        let later = Recorder()
        let again = try source.open(later)
        again.snapshots.read(SnapshotPiece(token: 1, slot: Slot(20), offset: 0))
        #expect(later.seen.chunks == [nil])
        #expect(later.seen.notices.contains { $0.contains("20.sqlite is not what was written") })
        again.snapshots.offer(atLeast: Slot(20), isFresh: false)
        #expect(later.seen.offers.last.flatMap { $0 }?.slot == Slot(20))
        again.close()
        #expect(SnapshotVerification.findings(inReplica: source.path).map(\.severity) == [.sound])
    }

    @Test func aCheckpointSaysWhatTheTableHoldsDurably() throws {
        let recorder = Recorder()
        let replica = try filled(source, through: 20, recorder)
        #expect(recorder.seen.durableUpTo == [])
        for _ in 0..<3 { source.executor.runDelayed() }
        #expect(recorder.seen.durableUpTo == [Slot(20)])
        replica.close()
        let later = Recorder()
        let again = try source.open(later)
        for _ in 0..<3 { source.executor.runDelayed() }
        #expect(later.seen.durableUpTo == [Slot(20)], "what opening has found is said, too")
        again.close()
    }
}
