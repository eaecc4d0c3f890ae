extension StateMachine {
    /// The most rows that one page of a scan looks at, whatever it asks for.
    package static let scanCountMax = 4096

    /// Answers from the rows as they are. Errors are those of `rows`.
    package func answer(_ query: Query, from rows: some Rows) throws -> Outcome {
        switch query {
        case .get(let key): return .value(try rows.value(of: key))
        case .getMany(let keys): return .values(try keys.map { try rows.value(of: $0) })
        case .exists(let keys):
            var count: Int64 = 0
            for key in keys where try rows.length(of: key) != nil { count += 1 }
            return .integer(count)
        case .length(let key): return .integer(Int64(try rows.length(of: key) ?? 0))
        case .type(let key): return .type(try rows.length(of: key) == nil ? nil : "string")
        case .scan(let after, let count, let pattern):
            return try page(after: after, count: count, pattern: pattern, from: rows)
        case .count: return .integer(Int64(clamping: rows.count))
        case .randomKey(let seed): return .value(try key(following: seed, in: rows))
        }
    }

    /// Rows that stand through the whole scan are given exactly once: ids neither change nor come back.
    private func page(after: UInt64, count: Int, pattern: [UInt8]?, from rows: some Rows) throws -> Outcome {
        let limit = min(max(count, 1), Self.scanCountMax)
        let found = try rows.keys(after: after, limit: limit)
        let isLast = found.count < limit || found.last.map { $0.id >= rows.largestID } ?? true
        let next = isLast ? 0 : found.last?.id ?? 0
        guard let pattern else { return .page(next: next, keys: found.map(\.key)) }
        let glob = Glob(pattern)
        return .page(next: next, keys: found.lazy.map(\.key).filter(glob.matches))
    }

    private func key(following seed: UInt64, in rows: some Rows) throws -> [UInt8]? {
        guard rows.largestID > 0 else { return nil }
        if let found = try rows.keys(after: seed % rows.largestID, limit: 1).first { return found.key }
        return try rows.keys(after: 0, limit: 1).first?.key
    }
}
