internal import DequeModule
import KeyValue
import Paxos

/// All that one shard on one node does with snapshots: fetches one, serves others, and makes and reads them for backups.
/// Confined to its shard's thread.
final class SnapshotExchange {
    /// Administrators' wishes that wait for the disk.
    static let wishesMax = 8

    private let others: [NodeID]
    private let port: any SnapshotPort
    private let timing: any TimingPort
    private let send: (ServiceMessage, NodeID) -> Void
    private var fetch = SnapshotFetch()
    private var serving = SnapshotServing()
    /// In the order in which the port answers.
    private var offers: Deque<OfferTaker> = []
    private var localReads: [UInt64: (SnapshotChunk?) -> Void] = [:]
    private var localToken: UInt64 = 1 << 63
    /// The newest that has been made or named.
    private(set) var newest: SnapshotOffer?
    private var isLeader = false

    private enum OfferTaker {
        case serving
        case weighing
        case local((SnapshotOffer?) -> Void)
    }

    init(
        others: [NodeID], port: any SnapshotPort, timing: any TimingPort, send: @escaping (ServiceMessage, NodeID) -> Void
    ) {
        self.others = others
        self.port = port
        self.timing = timing
        self.send = send
    }

    var deadline: Instant { fetch.deadline }
    var progress: SnapshotFetch.Progress? { fetch.progress }
    var load: Int { serving.load + offers.count + localReads.count }
    /// Slots from which somebody will want the log.
    var neededSlots: [Slot] { serving.needed(at: timing.now) }

    func leads(_ isLeader: Bool) { self.isLeader = isLeader }

    func tick() { perform(fetch.tick(at: timing.now)) }

    // MARK: Fetching

    func wanted(_ wish: SnapshotWish, leader: NodeID?) {
        perform(fetch.wanted(wish, others: others, leader: leader, at: timing.now))
    }

    func installed() { fetch.installed() }

    func received(_ message: ServiceMessage, from node: NodeID) {
        switch message {
        case .snapshotWanted(let request):
            perform(serving.wanted(request, by: node, isLeader: isLeader, at: timing.now))
        case .snapshotChunk(let chunk): perform(fetch.received(chunk, from: node, at: timing.now))
        case .snapshotUnavailable: perform(fetch.unavailable(from: node, at: timing.now))
        case .propose, .outcome, .refused, .query, .answer, .queryRefused, .answerTooLarge, .tableHash: break
        }
    }

    // MARK: What the disk says

    func offered(_ offer: SnapshotOffer?) {
        if let offer { newest = offer }
        switch offers.popFirst() {
        case .serving: perform(serving.offered(offer, isLeader: isLeader))
        case .local(let completion): completion(offer)
        case .weighing, nil: break
        }
    }

    func read(_ piece: SnapshotPiece, _ chunk: SnapshotChunk?) {
        if let completion = localReads.removeValue(forKey: piece.token) { return completion(chunk) }
        if let actions = serving.read(piece, chunk, isLeader: isLeader) { perform(actions) }
    }

    func stored(slot: Slot, upTo: UInt64) { perform(fetch.stored(slot: slot, upTo: upTo, at: timing.now)) }

    func refused() { perform(fetch.refused(at: timing.now)) }

    // MARK: For administrators, and for weighing

    /// A snapshot of this moment's table; false where too many wishes wait.
    func makeSnapshot(completion: @escaping (SnapshotOffer?) -> Void) -> Bool {
        guard offers.count < Self.wishesMax else { return false }
        offers.append(.local(completion))
        port.offer(atLeast: .none, isFresh: true)
        return true
    }

    /// False where too many wishes wait.
    func readSnapshot(slot: Slot, offset: UInt64, completion: @escaping (SnapshotChunk?) -> Void) -> Bool {
        guard localReads.count < Self.wishesMax else { return false }
        localToken += 1
        localReads[localToken] = completion
        port.read(SnapshotPiece(token: localToken, slot: slot, offset: offset))
        return true
    }

    /// Has a snapshot made, or named, so that its size is known.
    func weigh(atLeast slot: Slot) {
        guard offers.isEmpty else { return }
        offers.append(.weighing)
        port.offer(atLeast: slot, isFresh: false)
    }

    private func perform(_ actions: [SnapshotFetch.Action]) {
        for action in actions {
            switch action {
            case .ask(let node, let request): send(.snapshotWanted(request), node)
            case .store(let chunk): port.store(chunk)
            case .install(let slot, let replayThrough): port.install(slot: slot, replayThrough: replayThrough)
            }
        }
        if !actions.isEmpty { timing.requestTurn() }
    }

    private func perform(_ actions: [SnapshotServing.Action]) {
        for action in actions {
            switch action {
            case .offer(let atLeast):
                offers.append(.serving)
                port.offer(atLeast: atLeast, isFresh: false)
            case .read(let piece): port.read(piece)
            case .send(let message, let node): send(message, node)
            }
        }
    }
}
