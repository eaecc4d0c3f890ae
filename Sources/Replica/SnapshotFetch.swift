package import KeyValue
package import Paxos

/// The receiving side of a snapshot's transfer. It pulls: what is stored makes room for the next requests, so the disk sets the pace.
///
/// Pieces are kept in their order. A lost one, a broken connection or a silent peer costs a request from where the disk stands.
package struct SnapshotFetch: Hashable {
    /// Asked for and not stored.
    package static let chunksMax: UInt64 = 4
    /// Without a piece, while one is under way.
    package static let silenceMax = Span.milliseconds(2000)
    /// Before the first piece. The peer may have to make the snapshot first, or be down: then another one is asked as well.
    package static let makingMax = Span.milliseconds(2000)
    /// Between two rounds of peers none of which had anything.
    package static let pauseMin = Span.milliseconds(200)
    package static let pauseMax = Span.milliseconds(5000)

    package enum Action: Hashable {
        case ask(NodeID, SnapshotRequest)
        case store(SnapshotChunk)
        case install(Slot, replayThrough: Slot)
    }

    /// For a person who looks on.
    package struct Progress: Hashable {
        package let source: NodeID?
        package let slot: Slot
        package let storedBytes: UInt64
        package let byteCount: UInt64

        static let none = Progress(source: nil, slot: .none, storedBytes: 0, byteCount: 0)
    }

    package private(set) var wish: SnapshotWish?
    /// Every other node, in the order in which they are asked.
    private var peers: [NodeID] = []
    private var turn = 0
    private var refusals = 0
    private var phase = Phase.idle

    private enum Phase: Hashable {
        case idle
        /// Any snapshot will do.
        case asking(until: Instant)
        case receiving(Transfer)
        /// The disk has it whole.
        case installing(Slot)
        case pausing(until: Instant)
    }

    private struct Transfer: Hashable {
        let slot: UInt64
        let byteCount: UInt64
        let hash: UInt64
        /// The end of what has been handed to the disk, and of what it has.
        var received: UInt64 = 0
        var stored: UInt64 = 0
        /// The end of what has been asked for.
        var asked: UInt64 = 0
        /// Where pieces were missing, and have been asked for again.
        var gapAt: UInt64?
        /// Peers in turn that did not have it, or were silent.
        var misses = 0
        var heardAt: Instant

        func matches(_ chunk: SnapshotChunk) -> Bool { slot == chunk.slot && byteCount == chunk.byteCount && hash == chunk.hash }
    }

    package init() {}

    package var deadline: Instant {
        switch phase {
        case .idle, .installing: .distantFuture
        case .asking(let until), .pausing(let until): until
        // Where nothing is under way from the peer, the disk is at work.
        case .receiving(let transfer): transfer.asked > transfer.received ? transfer.heardAt + Self.silenceMax : .distantFuture
        }
    }

    package var progress: Progress? {
        guard wish != nil else { return nil }
        return switch phase {
        case .idle, .pausing: Progress(source: nil, slot: .none, storedBytes: 0, byteCount: 0)
        case .asking: Progress(source: source, slot: .none, storedBytes: 0, byteCount: 0)
        case .receiving(let transfer):
            Progress(source: source, slot: Slot(transfer.slot), storedBytes: transfer.stored, byteCount: transfer.byteCount)
        case .installing(let slot): Progress(source: nil, slot: slot, storedBytes: 1, byteCount: 1)
        }
    }

    private var source: NodeID? { peers.isEmpty ? nil : peers[turn % peers.count] }

    // MARK: What comes in

    /// `others` are all nodes but this one. The leader has enough to do: it is asked last.
    package mutating func wanted(_ wish: SnapshotWish, others: [NodeID], leader: NodeID?, at now: Instant) -> [Action] {
        self.wish = wish
        peers = others.sorted { rank($0, wish, leader) < rank($1, wish, leader) }
        refusals = 0
        switch phase {
        case .receiving(let transfer) where transfer.slot >= wish.atLeast.rawValue: return []
        case .installing: return []
        case .idle, .asking, .receiving, .pausing:
            turn = 0
            return askAnew(now)
        }
    }

    package mutating func received(_ chunk: SnapshotChunk, from node: NodeID, at now: Instant) -> [Action] {
        guard let wish, chunk.slot >= wish.atLeast.rawValue, chunk.offset < chunk.byteCount || chunk.byteCount == 0 else { return [] }
        switch phase {
        case .receiving(var transfer):
            guard node == source else { return [] }
            guard transfer.matches(chunk) else { return chunk.slot == transfer.slot ? askAnew(now) : [] }
            return take(chunk, &transfer, now)
        case .asking, .pausing:
            // Also of a peer that was asked earlier, and had to make it first.
            guard chunk.offset == 0, let place = peers.firstIndex(of: node) else { return [] }
            turn = place
            refusals = 0
            var transfer = Transfer(slot: chunk.slot, byteCount: chunk.byteCount, hash: chunk.hash, heardAt: now)
            transfer.asked = SnapshotFetch.end(of: chunk)
            return take(chunk, &transfer, now)
        case .idle, .installing: return []
        }
    }

    package mutating func unavailable(from node: NodeID, at now: Instant) -> [Action] {
        guard wish != nil, node == source else { return [] }
        switch phase {
        case .asking: return turnToNext(now)
        case .receiving(var transfer): return askNextForTheSame(&transfer, now)
        case .idle, .installing, .pausing: return []
        }
    }

    /// The disk may have more than this life has received: then the transfer goes on from there.
    package mutating func stored(slot: Slot, upTo: UInt64, at now: Instant) -> [Action] {
        guard let wish, case .receiving(var transfer) = phase, transfer.slot == slot.rawValue else { return [] }
        transfer.stored = min(max(transfer.stored, upTo), transfer.byteCount)
        transfer.received = max(transfer.received, transfer.stored)
        transfer.asked = max(transfer.asked, transfer.received)
        guard transfer.stored < transfer.byteCount else {
            phase = .installing(slot)
            return [.install(slot, replayThrough: wish.replayThrough)]
        }
        transfer.heardAt = now
        return askOn(&transfer)
    }

    package mutating func refused(at now: Instant) -> [Action] {
        guard wish != nil else { return [] }
        return turnToNext(now)
    }

    package mutating func installed() {
        wish = nil
        phase = .idle
    }

    package mutating func tick(at now: Instant) -> [Action] {
        guard now >= deadline else { return [] }
        switch phase {
        case .idle, .installing: return []
        case .asking: return turnToNext(now)
        case .pausing: return askAnew(now)
        case .receiving(var transfer): return askNextForTheSame(&transfer, now)
        }
    }

    // MARK: What is done

    private mutating func take(_ chunk: SnapshotChunk, _ transfer: inout Transfer, _ now: Instant) -> [Action] {
        defer { phase = .receiving(transfer) }
        guard chunk.offset <= transfer.received else {
            // What stands before it was lost: asked for once, the time-out sees to the rest.
            guard transfer.gapAt != transfer.received else { return [] }
            transfer.gapAt = transfer.received
            transfer.asked = transfer.received
            return askOn(&transfer)
        }
        guard chunk.offset == transfer.received, Self.isWhole(chunk) else { return [] }
        transfer.heardAt = now
        transfer.misses = 0
        transfer.received = Self.end(of: chunk)
        transfer.asked = max(transfer.asked, transfer.received)
        return [.store(chunk)]
    }

    private mutating func askOn(_ transfer: inout Transfer) -> [Action] {
        defer { phase = .receiving(transfer) }
        guard let wish, let source else { return [] }
        var actions: [Action] = []
        let end = min(transfer.byteCount, transfer.stored + Self.chunksMax * UInt64(SnapshotChunk.bytesMax))
        while transfer.asked < end {
            let request = SnapshotRequest(atLeast: wish.atLeast.rawValue, slot: transfer.slot, offset: transfer.asked)
            actions.append(.ask(source, request))
            transfer.asked = min(transfer.byteCount, transfer.asked + UInt64(SnapshotChunk.bytesMax))
        }
        return actions
    }

    /// Another peer may hold the very same file, or the last one come back: before what has been received is given up, all are asked
    /// for it twice.
    private mutating func askNextForTheSame(_ transfer: inout Transfer, _ now: Instant) -> [Action] {
        transfer.misses += 1
        guard transfer.misses <= 2 * peers.count else { return turnToNext(now) }
        turn += 1
        transfer.heardAt = now
        transfer.asked = transfer.received
        transfer.gapAt = nil
        return askOn(&transfer)
    }

    private mutating func askAnew(_ now: Instant) -> [Action] {
        guard let wish, let source else {
            phase = .idle
            return []
        }
        phase = .asking(until: now + Self.makingMax)
        return [.ask(source, SnapshotRequest(atLeast: wish.atLeast.rawValue, slot: 0, offset: 0))]
    }

    /// Pauses where nobody has anything.
    private mutating func turnToNext(_ now: Instant) -> [Action] {
        turn += 1
        refusals += 1
        guard refusals.isMultiple(of: max(1, peers.count)) else { return askAnew(now) }
        let rounds = refusals / max(1, peers.count)
        let pause = min(Self.pauseMax, .milliseconds(Self.pauseMin.nanoseconds / 1_000_000 << min(Int64(rounds - 1), 8)))
        phase = .pausing(until: now + pause)
        return []
    }

    private func rank(_ node: NodeID, _ wish: SnapshotWish, _ leader: NodeID?) -> (Int, UInt16) {
        (node == leader ? 2 : node == wish.peer ? 0 : 1, node.rawValue)
    }

    private static func end(of chunk: SnapshotChunk) -> UInt64 { chunk.offset + UInt64(chunk.bytes.count) }

    /// All but the last are of one size.
    private static func isWhole(_ chunk: SnapshotChunk) -> Bool {
        end(of: chunk) == min(chunk.byteCount, chunk.offset + UInt64(SnapshotChunk.bytesMax))
    }
}
