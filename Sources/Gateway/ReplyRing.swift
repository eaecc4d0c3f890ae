import Paxos
import Replica

/// The replies that a connection owes, in the order of their requests: a ring that grows up to the bound on outstanding commands.
struct ReplyRing {
    enum Answer {
        case waiting
        case service(ServiceReply)
        case reply(Reply)
    }

    struct Slot {
        let form: OutcomeForm
        /// The version that was spoken when the request came.
        let version: ProtocolVersion
        var answer: Answer
    }

    private var slots: [Slot?] = []
    /// The sequence of the oldest reply owed; sequences count a connection's slots from 0.
    private var head = 0
    private(set) var count = 0
    /// About what answers that wait for their turn take in memory.
    private(set) var heldBytes = 0

    var isEmpty: Bool { count == 0 }

    /// Takes the next place and returns its sequence.
    mutating func append(_ slot: Slot) -> Int {
        if count == slots.count { grow() }
        let sequence = head + count
        slots[sequence & (slots.count - 1)] = slot
        count += 1
        if case .reply(let reply) = slot.answer { heldBytes += reply.byteCount }
        return sequence
    }

    /// Is the reply of this sequence still owed?
    func isWaiting(_ sequence: Int) -> Bool {
        guard sequence >= head, sequence < head + count, case .waiting? = slots[sequence & (slots.count - 1)]?.answer else {
            return false
        }
        return true
    }

    mutating func fill(_ sequence: Int, with answer: Answer) {
        invariant(isWaiting(sequence), "a command is answered once")
        slots[sequence & (slots.count - 1)]?.answer = answer
        heldBytes += Self.byteCount(of: answer)
    }

    /// Takes out the oldest place, if it is this one: its reply need not be kept for its turn.
    mutating func popWaiting(_ sequence: Int) -> Slot? {
        guard count > 0, sequence == head, let slot = slots[head & (slots.count - 1)], case .waiting = slot.answer else { return nil }
        slots[head & (slots.count - 1)] = nil
        head += 1
        count -= 1
        return slot
    }

    /// The oldest reply owed, once it is there.
    mutating func popAnswered() -> Slot? {
        guard count > 0, let slot = slots[head & (slots.count - 1)] else { return nil }
        if case .waiting = slot.answer { return nil }
        slots[head & (slots.count - 1)] = nil
        heldBytes -= Self.byteCount(of: slot.answer)
        head += 1
        count -= 1
        return slot
    }

    private mutating func grow() {
        var larger = [Slot?](repeating: nil, count: max(4, slots.count * 2))
        for sequence in head..<head + count {
            larger[sequence & (larger.count - 1)] = slots[sequence & (slots.count - 1)]
        }
        slots = larger
    }

    private static func byteCount(of answer: Answer) -> Int {
        switch answer {
        case .waiting: 0
        case .service(let reply): reply.byteCount
        case .reply(let reply): reply.byteCount
        }
    }
}
