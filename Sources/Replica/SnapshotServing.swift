internal import DequeModule
package import KeyValue
package import Paxos

/// The giving side of snapshots' transfers: pieces are read from disk as peers ask, a few at a time. Whoever is slow asks seldom,
/// and costs nothing.
package struct SnapshotServing {
    package static let readsMax = 8
    package static let readsMaxOfOne = 2
    /// Asked for by one peer and not answered; what comes beyond is dropped, and asked for again.
    package static let requestsMaxOfOne = 8
    /// Of one peer's transfer: the log behind its snapshot is kept for so long after its last request.
    package static let memory = Span.milliseconds(30_000)

    package enum Action: Hashable {
        /// A snapshot is wanted: `offered` has to follow.
        case offer(atLeast: Slot)
        case read(SnapshotPiece)
        case send(ServiceMessage, NodeID)
    }

    /// Ascending by node.
    private var requesters: [Requester] = []
    private var reads: [UInt64: NodeID] = [:]
    private var isOffering = false
    private var nextToken: UInt64 = 0

    private struct Requester {
        let node: NodeID
        /// In their order; the first ask of a transfer has slot 0 until an offer is there.
        var requests: Deque<SnapshotRequest> = []
        var readCount = 0
        var slot = Slot.none
        var heardAt: Instant
    }

    package init() {}

    package var load: Int { reads.count + requesters.reduce(0) { $0 + $1.requests.count } }

    /// The slots behind the snapshots that are on their way: whoever has taken one goes on from there.
    package func needed(at now: Instant) -> [Slot] {
        requesters.filter { $0.slot > .none && now < $0.heardAt + Self.memory }.map(\.slot.next)
    }

    package mutating func wanted(_ request: SnapshotRequest, by node: NodeID, isLeader: Bool, at now: Instant) -> [Action] {
        let place = place(of: node, now)
        requesters[place].heardAt = now
        if request.slot == 0 {
            // A new transfer: what was asked for the old one has no taker any more.
            requesters[place].requests.removeAll()
        }
        guard requesters[place].requests.count < Self.requestsMaxOfOne, !requesters[place].requests.contains(request) else { return [] }
        requesters[place].requests.append(request)
        return proceed(isLeader: isLeader)
    }

    /// Answers every `offer`; nil where none can be made.
    package mutating func offered(_ offer: SnapshotOffer?, isLeader: Bool) -> [Action] {
        isOffering = false
        var actions: [Action] = []
        for place in requesters.indices {
            guard let first = requesters[place].requests.first, first.slot == 0 else { continue }
            guard let offer, offer.slot.rawValue >= first.atLeast else {
                if offer == nil {
                    requesters[place].requests.removeFirst()
                    actions.append(.send(.snapshotUnavailable, requesters[place].node))
                }
                continue
            }
            requesters[place].slot = offer.slot
            requesters[place].requests[0] = SnapshotRequest(atLeast: first.atLeast, slot: offer.slot.rawValue, offset: 0)
        }
        return actions + proceed(isLeader: isLeader)
    }

    /// Nil where the piece's snapshot is not kept any more. Other tokens than those of `read` are not this side's.
    package mutating func read(_ piece: SnapshotPiece, _ chunk: SnapshotChunk?, isLeader: Bool) -> [Action]? {
        guard let node = reads.removeValue(forKey: piece.token) else { return nil }
        let message = chunk.map(ServiceMessage.snapshotChunk) ?? .snapshotUnavailable
        if let place = requesters.firstIndex(where: { $0.node == node }) {
            requesters[place].readCount -= 1
            if chunk == nil { requesters[place].requests.removeAll() }
        }
        return [.send(message, node)] + proceed(isLeader: isLeader)
    }

    /// A leader reads one piece at a time, so that its disk has time for its log.
    private mutating func proceed(isLeader: Bool) -> [Action] {
        let readsMax = isLeader ? 1 : Self.readsMax
        var actions: [Action] = []
        var isMoving = true
        while isMoving {
            isMoving = false
            for place in requesters.indices where reads.count < readsMax && requesters[place].readCount < Self.readsMaxOfOne {
                guard let request = requesters[place].requests.first, request.slot != 0 else { continue }
                requesters[place].requests.removeFirst()
                requesters[place].readCount += 1
                requesters[place].slot = Slot(request.slot)
                nextToken += 1
                reads[nextToken] = requesters[place].node
                actions.append(.read(SnapshotPiece(token: nextToken, slot: Slot(request.slot), offset: request.offset)))
                isMoving = true
            }
        }
        if !isOffering, let atLeast = requesters.compactMap({ $0.requests.first }).filter({ $0.slot == 0 }).map(\.atLeast).max() {
            isOffering = true
            actions.append(.offer(atLeast: Slot(atLeast)))
        }
        return actions
    }

    /// As many as the cluster file has nodes, at most.
    private mutating func place(of node: NodeID, _ now: Instant) -> Int {
        if let place = requesters.firstIndex(where: { $0.node == node }) { return place }
        let place = requesters.firstIndex { $0.node > node } ?? requesters.count
        requesters.insert(Requester(node: node, heardAt: now), at: place)
        return place
    }
}
