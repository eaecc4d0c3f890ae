import KeyValue
import Paxos
import Replica
import Testing

@Suite("Snapshots are served")
struct SnapshotServingTests {
    private let peers = [2, 3, 4, 5, 6, 7].map { NodeID(rawValue: $0) }
    private var serving = SnapshotServing()

    private func request(_ offset: UInt64, of slot: UInt64 = 500) -> SnapshotRequest {
        SnapshotRequest(atLeast: 400, slot: slot, offset: offset)
    }

    private mutating func ask(_ place: Int, _ request: SnapshotRequest, isLeader: Bool = false) -> [SnapshotServing.Action] {
        serving.wanted(request, by: peers[place], isLeader: isLeader, at: .zero)
    }

    private func chunk(_ offset: UInt64) -> SnapshotChunk {
        SnapshotChunk(slot: 500, byteCount: 1_000, hash: 7, offset: offset, bytes: [1])
    }

    @Test mutating func theFirstRequestFindsASnapshot() {
        #expect(ask(0, request(0, of: 0)) == [.offer(atLeast: Slot(400))])
        #expect(ask(1, request(0, of: 0)) == [], "one is on its way")
        let actions = serving.offered(SnapshotOffer(slot: Slot(500), byteCount: 1_000, hash: 7), isLeader: false)
        let pieces = [1, 2].map { SnapshotPiece(token: $0, slot: Slot(500), offset: 0) }
        #expect(actions == pieces.map { .read($0) })
        #expect(serving.read(pieces[1], chunk(0), isLeader: false) == [.send(.snapshotChunk(chunk(0)), peers[1])])
        #expect(serving.needed(at: .zero) == [Slot(501), Slot(501)], "they will want the log behind it")
        #expect(serving.needed(at: .zero + SnapshotServing.memory) == [])
    }

    @Test mutating func whereThereIsNoneItIsSaid() {
        _ = ask(0, request(0, of: 0))
        #expect(serving.offered(nil, isLeader: false) == [.send(.snapshotUnavailable, peers[0])])
        #expect(serving.load == 0)
        #expect(ask(0, request(9)).count == 1)
        let piece = SnapshotPiece(token: 1, slot: Slot(500), offset: 9)
        #expect(serving.read(piece, nil, isLeader: false) == [.send(.snapshotUnavailable, peers[0])])
    }

    @Test mutating func readsAreBoundedForEachAndForAll() {
        var reads = 0
        for place in peers.indices {
            for offset in 1...20 as ClosedRange<UInt64> { reads += ask(place, request(offset)).count }
        }
        #expect(reads == SnapshotServing.readsMax)
        #expect(serving.load <= SnapshotServing.readsMax + peers.count * SnapshotServing.requestsMaxOfOne)
        var tokens = Array(1...UInt64(SnapshotServing.readsMax))
        var sent = 0
        while let token = tokens.popLast() {
            let piece = SnapshotPiece(token: token, slot: Slot(500), offset: 1)
            for action in serving.read(piece, chunk(1), isLeader: false) ?? [] {
                switch action {
                case .read(let piece): tokens.append(piece.token)
                case .send: sent += 1
                case .offer: Issue.record("nobody asked for one")
                }
            }
        }
        #expect(serving.load == 0)
        #expect(sent >= peers.count * SnapshotServing.requestsMaxOfOne)
    }

    @Test mutating func aLeaderReadsOnePieceAtATime() {
        #expect(ask(0, request(1), isLeader: true).count == 1)
        #expect(ask(0, request(2), isLeader: true) == [])
        #expect(ask(1, request(1), isLeader: true) == [])
        let piece = SnapshotPiece(token: 1, slot: Slot(500), offset: 1)
        #expect(serving.read(piece, chunk(1), isLeader: true)?.count == 2, "the piece, and the next read")
    }

    @Test mutating func aRequestThatWaitsIsNotTakenTwice() {
        for _ in 0..<5 { _ = ask(0, request(1)) }
        #expect(serving.load <= 3)
    }
}
