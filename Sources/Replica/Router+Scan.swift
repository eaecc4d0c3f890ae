import KeyValue

extension Router {
    /// One page of one shard: shards follow each other in the order of their ranges. A cursor that no `SCAN` gave out
    /// ends the scan, as it does in Redis.
    func scan(from cursor: ScanCursor, count: Int, pattern: [UInt8]?, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        let ordinal = cursor.ordinal
        guard ordinal < shards.count else { return completion(.outcome(.page(next: 0, keys: []))) }
        let query = Query.scan(after: cursor.after, count: count, pattern: pattern)
        shards[ordinal].execute(.query(query), isLocal: isLocal) { [shardCount = shards.count] reply in
            guard case .outcome(.page(let next, let keys)) = reply else { return completion(reply) }
            let isLast = next == 0 && ordinal + 1 == shardCount
            let following = next == 0 ? ScanCursor(ordinal: ordinal + 1, after: 0) : ScanCursor(ordinal: ordinal, after: next)
            guard let following else { return completion(.failed(.unavailable("row ids above \(ScanCursor.rowMax) can't be scanned"))) }
            completion(.outcome(.page(next: isLast ? 0 : following.rawValue, keys: keys)))
        }
    }
}
