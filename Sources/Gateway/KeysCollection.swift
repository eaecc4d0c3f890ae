import KeyValue
import NIOCore
import Replica

/// `KEYS`: page after page of `SCAN`, up to a bound. Between pages others have their turn.
final class KeysCollection {
    private let gateway: Gateway
    private let pattern: [UInt8]
    private let isLocal: Bool
    private let isWanted: () -> Bool
    private let completion: (Reply) -> Void
    private var keys: [Reply] = []
    private var byteCount = 0

    /// `completion` is called once, also when it ends early because `isWanted` no longer holds.
    init(
        gateway: Gateway, pattern: [UInt8], isLocal: Bool, isWanted: @escaping () -> Bool, completion: @escaping (Reply) -> Void
    ) {
        self.isWanted = isWanted
        self.gateway = gateway
        self.pattern = pattern
        self.isLocal = isLocal
        self.completion = completion
    }

    func begin() { readPage(from: 0) }

    private func readPage(from cursor: UInt64) {
        let page = ServiceRequest.scan(cursor: cursor, count: 1000, pattern: pattern, isLocal: isLocal)
        gateway.service.execute(page) { [self] in take($0) }
    }

    private func take(_ reply: ServiceReply) {
        switch reply {
        case .failed(let failure): completion(.error(failure.errorText))
        case .outcome(.page(let next, let found)):
            keys += found.map { .bulk($0) }
            byteCount += found.reduce(0) { $0 + $1.count + 16 }
            if keys.count > gateway.limits.keysReplyMax || byteCount > gateway.limits.keysReplyBytesMax {
                completion(
                    .error("ERR more than \(gateway.limits.keysReplyMax) keys or \(gateway.limits.keysReplyBytesMax) bytes: use SCAN"))
            } else if next == 0 || !isWanted() {
                completion(.array(keys))
            } else {
                gateway.eventLoop.assumeIsolated().execute { [self] in readPage(from: next) }
            }
        case .outcome: completion(.error("ERR the outcome is not of the command's kind"))
        }
    }
}
