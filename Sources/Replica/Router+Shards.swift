import KeyValue
import Paxos

/// Requests that concern several shards.
extension Router {
    func execute(_ split: SplitCommand, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        let gathering = Gathering(count: split.parts.count) { completion(split.merged($0)) }
        for (place, part) in split.parts.enumerated() {
            shards[part.ordinal].execute(part.command, isLocal: isLocal) { gathering.answer(place, $0) }
        }
    }

    func count(isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        counts(isLocal: isLocal) { counts in
            switch counts {
            case .success(let numbers): completion(.outcome(.integer(numbers.reduce(0, &+))))
            case .failure(let failed): completion(failed.reply)
            }
        }
    }

    /// Every key is as likely as any other, so a shard is as likely as it has keys.
    func randomKey(isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        counts(isLocal: isLocal) { [self] counts in
            switch counts {
            case .success(let numbers):
                guard let ordinal = Self.drawn(from: numbers, by: random()) else { return completion(.outcome(.value(nil))) }
                shards[ordinal].execute(.query(.randomKey(seed: random())), isLocal: isLocal, completion: completion)
            case .failure(let failed): completion(failed.reply)
            }
        }
    }

    private struct Failed: Error { let reply: ServiceReply }

    private func counts(isLocal: Bool, completion: @escaping (Result<[Int64], Failed>) -> Void) {
        let gathering = Gathering(count: shards.count) { replies in
            var numbers: [Int64] = []
            for reply in replies {
                switch reply {
                case .outcome(.integer(let number)) where number >= 0: numbers.append(number)
                case .failed: return completion(.failure(Failed(reply: reply)))
                case .outcome: return completion(.failure(Failed(reply: .failed(.unavailable("a shard's answer is no count")))))
                }
            }
            completion(.success(numbers))
        }
        for (place, shard) in shards.enumerated() {
            shard.execute(.query(.count), isLocal: isLocal) { gathering.answer(place, $0) }
        }
    }

    private static func drawn(from counts: [Int64], by chance: UInt64) -> Int? {
        let total = counts.reduce(0, &+)
        guard total > 0 else { return nil }
        var place = Int64(chance % UInt64(total))
        return counts.firstIndex { count in
            place -= count
            return place < 0
        }
    }
}
