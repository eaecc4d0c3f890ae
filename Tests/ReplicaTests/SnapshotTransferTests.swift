import KeyValue
import Paxos
import Replica
import Simulator
import Testing

/// Both sides of transfers, over a network that loses, delays and reorders, while the receiver's process ends now and then.
@Suite("Snapshots arrive whole")
struct SnapshotTransferTests {
    @Test(arguments: 1...200 as ClosedRange<UInt64>) func whateverTheNetworkDoes(seed: UInt64) {
        var run = TransferRun(seed: seed)
        let isWhole = run.untilInstalled()
        #expect(isWhole, "seed \(seed): nothing after \(run.now)")
        #expect(run.outstandingMax <= SnapshotFetch.chunksMax, "seed \(seed): more is under way than the disk has room for")
    }
}

/// Node 1 receives; nodes 2 and 3 have snapshots, which may differ, and may be gone.
private struct TransferRun {
    private enum Event {
        case toServer(NodeID, SnapshotRequest)
        case toReceiver(ServiceMessage, NodeID)
        case read(NodeID, SnapshotPiece)
        case offer(NodeID)
        case stored(life: Int, slot: UInt64, upTo: UInt64)
    }

    private static let size = UInt64(SnapshotChunk.bytesMax)
    private static let piece = [UInt8](repeating: 1, count: SnapshotChunk.bytesMax)
    private let wish = SnapshotWish(peer: NodeID(rawValue: 2), atLeast: Slot(100), replayThrough: .none)
    private let nodes = [2, 3].map { NodeID(rawValue: $0) }

    private var chance: Chance
    private(set) var now = Instant.zero
    private var events: [(at: Instant, number: Int, event: Event)] = []
    private var eventCount = 0
    private var fetch = SnapshotFetch()
    private var servers: [NodeID: SnapshotServing] = [:]
    private var snapshots: [NodeID: SnapshotOffer] = [:]
    private var life = 0
    /// What the receiver's disk has, of which file.
    private var kept: (slot: UInt64, hash: UInt64, upTo: UInt64) = (0, 0, 0)
    private var handed: UInt64 = 0
    private var installed: SnapshotOffer?
    private(set) var outstandingMax: UInt64 = 0

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        let byteCount = UInt64.random(in: 1...12 * Self.size, using: &chance)
        for node in nodes {
            servers[node] = SnapshotServing()
            let isSame = Bool.random(using: &chance)
            snapshots[node] = SnapshotOffer(
                slot: Slot(isSame ? 120 : 120 + UInt64(node.rawValue)), byteCount: byteCount, hash: isSame ? 7 : UInt64(node.rawValue))
        }
    }

    mutating func untilInstalled() -> Bool {
        perform(fetch.wanted(wish, others: nodes, leader: nodes[1], at: now))
        while installed == nil, now < Instant(nanoseconds: 3_600_000_000_000) {
            if Int.random(in: 0..<60, using: &chance) == 0 { restart() }
            if let next = events.indices.min(by: { (events[$0].at, events[$0].number) < (events[$1].at, events[$1].number) }),
                events[next].at <= fetch.deadline
            {
                let (at, _, event) = events.remove(at: next)
                now = max(now, at)
                handle(event)
            } else {
                now = max(now, fetch.deadline)
                perform(fetch.tick(at: now))
            }
        }
        return installed.map { offer in snapshots.values.contains(offer) && kept.upTo == offer.byteCount } ?? false
    }

    /// The process ends; what its disk has stays.
    private mutating func restart() {
        life += 1
        fetch = SnapshotFetch()
        handed = kept.upTo
        perform(fetch.wanted(wish, others: nodes, leader: nodes[1], at: now))
    }

    private mutating func add(_ event: Event, within milliseconds: Int64 = 40) {
        eventCount += 1
        events.append((now + .milliseconds(Int64.random(in: 0...milliseconds, using: &chance)), eventCount, event))
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .toServer(let node, let request):
            let actions = servers[node]?.wanted(request, by: NodeID(rawValue: 1), isLeader: node == nodes[1], at: now) ?? []
            serve(actions, at: node)
        case .toReceiver(.snapshotChunk(let chunk), let node): perform(fetch.received(chunk, from: node, at: now))
        case .toReceiver(_, let node): perform(fetch.unavailable(from: node, at: now))
        case .read(let node, let piece):
            let offer = snapshots[node].flatMap { $0.slot == piece.slot ? $0 : nil }
            let chunk = offer.map { offer in
                let count = Int(min(Self.size, offer.byteCount - piece.offset))
                return SnapshotChunk(
                    slot: offer.slot.rawValue, byteCount: offer.byteCount, hash: offer.hash, offset: piece.offset,
                    bytes: Array(Self.piece[..<count]))
            }
            serve(servers[node]?.read(piece, chunk, isLeader: node == nodes[1]) ?? [], at: node)
        case .offer(let node): serve(servers[node]?.offered(snapshots[node], isLeader: node == nodes[1]) ?? [], at: node)
        case .stored(let life, let slot, let upTo):
            // What was handed to the disk gets there, whoever asked for it.
            if slot == kept.slot { kept.upTo = max(kept.upTo, upTo) }
            if life == self.life { perform(fetch.stored(slot: Slot(slot), upTo: slot == kept.slot ? kept.upTo : 0, at: now)) }
        }
    }

    private mutating func serve(_ actions: [SnapshotServing.Action], at node: NodeID) {
        for action in actions {
            switch action {
            case .offer: add(.offer(node), within: 8_000)
            case .read(let piece): add(.read(node, piece))
            case .send(let message, _): if Int.random(in: 0..<20, using: &chance) > 0 { add(.toReceiver(message, node)) }
            }
        }
    }

    private mutating func perform(_ actions: [SnapshotFetch.Action]) {
        for action in actions {
            switch action {
            case .ask(let node, let request):
                if request.slot == kept.slot, request.slot != 0 {
                    let end = request.offset + Self.size
                    if end > kept.upTo { outstandingMax = max(outstandingMax, (end - kept.upTo) / Self.size) }
                }
                if Int.random(in: 0..<20, using: &chance) > 0 { add(.toServer(node, request)) }
            case .store(let chunk):
                if kept.slot != chunk.slot || kept.hash != chunk.hash { kept = (chunk.slot, chunk.hash, 0) }
                let end = chunk.offset + UInt64(chunk.bytes.count)
                #expect(chunk.offset <= max(handed, kept.upTo) || chunk.offset == 0, "pieces are stored in their order")
                handed = end
                add(.stored(life: life, slot: chunk.slot, upTo: end))
            case .install(let slot, _):
                installed = snapshots.values.first { $0.slot == slot && $0.hash == kept.hash }
            }
        }
    }
}
