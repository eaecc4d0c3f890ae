import KeyValue

/// A command for keys of several shards, as one command for each shard, and how their outcomes become one again.
/// Each part is atomic within its shard and stands by itself.
struct SplitCommand {
    struct Part {
        let ordinal: Int
        let command: Command
        /// Where this part's keys stand in the whole command.
        let positions: [Int]
    }

    enum Kind { case values, sum }

    let parts: [Part]
    let kind: Kind
    let isMutation: Bool
    private let keyCount: Int

    /// Nil where the command has to be atomic as a whole. `ordinals` says for each key which shard owns it.
    init?(_ command: Command, keys: [[UInt8]], ordinals: [Int]) {
        let make: ([[UInt8]]) -> Command
        switch command {
        case .query(.getMany): (make, kind, isMutation) = ({ .query(.getMany(keys: $0)) }, .values, false)
        case .query(.exists): (make, kind, isMutation) = ({ .query(.exists(keys: $0)) }, .sum, false)
        case .mutation(.delete): (make, kind, isMutation) = ({ .mutation(.delete(keys: $0)) }, .sum, true)
        case .query, .mutation: return nil
        }
        keyCount = keys.count
        let positionsByOrdinal = Dictionary(grouping: ordinals.indices) { ordinals[$0] }
        parts = positionsByOrdinal.sorted { $0.key < $1.key }.map { ordinal, positions in
            Part(ordinal: ordinal, command: make(positions.map { keys[$0] }), positions: positions)
        }
    }

    /// The whole's answer from those of its parts, in the same order.
    func merged(_ replies: [ServiceReply]) -> ServiceReply {
        switch kind {
        case .values: mergedValues(replies)
        case .sum: mergedSum(replies)
        }
    }

    private func mergedValues(_ replies: [ServiceReply]) -> ServiceReply {
        var whole = [[UInt8]?](repeating: nil, count: keyCount)
        for (part, reply) in zip(parts, replies) {
            guard case .outcome(.values(let values)) = reply, values.count == part.positions.count else {
                return failure(reply, among: replies)
            }
            for (position, value) in zip(part.positions, values) { whole[position] = value }
        }
        return .outcome(.values(whole))
    }

    private func mergedSum(_ replies: [ServiceReply]) -> ServiceReply {
        var sum: Int64 = 0
        for reply in replies {
            guard case .outcome(.integer(let number)) = reply else { return failure(reply, among: replies) }
            sum &+= number
        }
        return .outcome(.integer(sum))
    }

    /// Of a mutation, some parts may have happened: that is never a definite failure.
    private func failure(_ reply: ServiceReply, among replies: [ServiceReply]) -> ServiceReply {
        let mayHaveHappened = isMutation && replies.contains { !$0.isDefiniteFailure }
        guard mayHaveHappened else {
            if reply.isDefiniteFailure { return reply }
            return .failed(.unavailable("a shard's answer does not fit the command"))
        }
        return .failed(.indeterminate("one shard's part of the command failed, another's may have been applied"))
    }
}

extension ServiceReply {
    fileprivate var isDefiniteFailure: Bool {
        switch self {
        case .failed(let failure): failure.isDefinite
        case .outcome(.failed): true
        case .outcome: false
        }
    }
}
