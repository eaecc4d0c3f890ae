import KeyValue
import Paxos
import Replica
import Testing

/// What the receiving side of a transfer asks for, given what it hears of peers and of its disk.
@Suite("A snapshot is fetched")
struct SnapshotFetchTests {
    private static let size = UInt64(SnapshotChunk.bytesMax)
    private let leader = NodeID(rawValue: 1)
    private let follower = NodeID(rawValue: 2)
    private let slot = Slot(500)
    private var fetch = SnapshotFetch()
    private var now = Instant.zero

    /// Ten whole pieces and a short one.
    private static let byteCount = 10 * size + 7

    private func chunk(_ number: UInt64, hash: UInt64 = 77) -> SnapshotChunk {
        let offset = number * Self.size
        let bytes = [UInt8](repeating: 1, count: Int(min(Self.size, Self.byteCount - offset)))
        return SnapshotChunk(slot: slot.rawValue, byteCount: Self.byteCount, hash: hash, offset: offset, bytes: bytes)
    }

    private func request(_ number: UInt64, of slot: UInt64 = 500) -> SnapshotRequest {
        SnapshotRequest(atLeast: 400, slot: slot, offset: number * Self.size)
    }

    private mutating func begin() {
        let wish = SnapshotWish(peer: leader, atLeast: Slot(400), replayThrough: Slot(450))
        let actions = fetch.wanted(wish, others: [leader, follower], leader: leader, at: now)
        #expect(actions == [.ask(follower, request(0, of: 0))], "the leader has enough to do")
    }

    private mutating func stored(_ count: UInt64) -> [SnapshotFetch.Action] {
        fetch.stored(slot: slot, upTo: min(count * Self.size, Self.byteCount), at: now)
    }

    @Test mutating func theDiskSetsThePace() {
        begin()
        #expect(fetch.received(chunk(0), from: follower, at: now) == [.store(chunk(0))])
        #expect(stored(1) == (1...4).map { .ask(follower, request($0)) })
        for number in 1...4 as ClosedRange<UInt64> {
            #expect(
                fetch.received(chunk(number), from: follower, at: now) == [.store(chunk(number))],
                "nothing more is asked before it is stored")
        }
        #expect(stored(2) == [.ask(follower, request(5))])
        #expect(stored(5) == (6...8).map { .ask(follower, request($0)) })
        for number in 5...8 as ClosedRange<UInt64> { _ = fetch.received(chunk(number), from: follower, at: now) }
        #expect(stored(9) == (9...10).map { .ask(follower, request($0)) })
        for number in 9...10 as ClosedRange<UInt64> { _ = fetch.received(chunk(number), from: follower, at: now) }
        #expect(stored(11) == [.install(slot, replayThrough: Slot(450))])
        #expect(fetch.deadline == .distantFuture)
        fetch.installed()
        #expect(fetch.wish == nil && fetch.progress == nil)
    }

    @Test mutating func aTransferGoesOnWhereTheDiskStands() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        #expect(stored(7) == (7...10).map { .ask(follower, request($0)) }, "an earlier life has stored seven")
        #expect(fetch.progress?.storedBytes == 7 * Self.size)
    }

    @Test mutating func aSilentPeerIsLeftForTheNextWithTheSameFile() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        _ = stored(1)
        _ = fetch.received(chunk(1), from: follower, at: now)
        now = fetch.deadline
        #expect(now == Instant.zero + SnapshotFetch.silenceMax)
        #expect(fetch.tick(at: now) == (2...4).map { .ask(leader, request($0)) })
        #expect(fetch.received(chunk(2), from: follower, at: now) == [], "it was left")
        #expect(fetch.received(chunk(2), from: leader, at: now) == [.store(chunk(2))])
    }

    @Test mutating func whoeverDoesNotHaveTheFileIsPassedOver() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        _ = stored(1)
        #expect(fetch.unavailable(from: follower, at: now) == (1...4).map { .ask(leader, request($0)) })
        for node in [leader, follower, leader] { #expect(fetch.unavailable(from: node, at: now).count == 4) }
        #expect(fetch.unavailable(from: follower, at: now) == [.ask(leader, request(0, of: 0))], "it is nowhere: anew")
    }

    @Test mutating func whereNobodyHasAnythingThereIsAPause() {
        begin()
        #expect(fetch.unavailable(from: follower, at: now) == [.ask(leader, request(0, of: 0))])
        #expect(fetch.unavailable(from: leader, at: now) == [])
        #expect(fetch.deadline == now + SnapshotFetch.pauseMin)
        now = fetch.deadline
        #expect(fetch.tick(at: now) == [.ask(follower, request(0, of: 0))])
        for _ in 0..<40 {
            now = fetch.deadline
            #expect(fetch.deadline != .distantFuture)
            _ = fetch.tick(at: now)
        }
        _ = fetch.unavailable(from: follower, at: now)
        _ = fetch.unavailable(from: leader, at: now)
        #expect(fetch.deadline <= now + SnapshotFetch.pauseMax + SnapshotFetch.makingMax)
    }

    @Test mutating func aPeerThatHadToMakeItFirstIsHeardLate() {
        begin()
        now = fetch.deadline
        #expect(fetch.tick(at: now) == [.ask(leader, request(0, of: 0))])
        #expect(fetch.received(chunk(0), from: follower, at: now) == [.store(chunk(0))])
        #expect(stored(1).first == .ask(follower, request(1)))
    }

    @Test mutating func aLostPieceIsAskedForAgainOnce() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        _ = stored(1)
        #expect(fetch.received(chunk(2), from: follower, at: now) == (1...4).map { .ask(follower, request($0)) })
        #expect(fetch.received(chunk(3), from: follower, at: now) == [])
        #expect(fetch.received(chunk(1), from: follower, at: now) == [.store(chunk(1))])
        #expect(fetch.received(chunk(1), from: follower, at: now) == [], "twice")
    }

    @Test mutating func anotherFileIsNotMixedIn() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        _ = stored(1)
        #expect(fetch.received(chunk(1, hash: 78), from: follower, at: now) == [.ask(follower, request(0, of: 0))])
        #expect(fetch.received(chunk(0, hash: 78), from: follower, at: now) == [.store(chunk(0, hash: 78))])
    }

    @Test mutating func aRefusedFileIsFetchedFromAnother() {
        begin()
        _ = fetch.received(chunk(0), from: follower, at: now)
        #expect(stored(11) == [.install(slot, replayThrough: Slot(450))])
        #expect(fetch.refused(at: now) == [.ask(leader, request(0, of: 0))])
    }

    @Test mutating func nothingIsTakenThatNobodyWants() {
        #expect(fetch.received(chunk(0), from: follower, at: now) == [])
        begin()
        let old = SnapshotChunk(slot: 399, byteCount: 1, hash: 1, offset: 0, bytes: [1])
        #expect(fetch.received(old, from: follower, at: now) == [])
        let cut = SnapshotChunk(slot: 500, byteCount: Self.byteCount, hash: 77, offset: 0, bytes: [1, 2])
        #expect(fetch.received(cut, from: follower, at: now) == [])
    }
}
