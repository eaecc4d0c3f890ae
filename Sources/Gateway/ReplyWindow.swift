/// How many commands of a connection may be outstanding so that their replies fit in its share of memory. Nobody knows a
/// reply's size before it comes, so the next are taken to be as large as the largest of late.
struct ReplyWindow {
    private let outstandingMax: Int
    private let bytesMax: Int
    /// Of one reply, in bytes; forgets an eighth with each smaller reply.
    private var expectedBytes: Int

    init(limits: GatewayLimits, valueBytesMax: Int) {
        outstandingMax = limits.outstandingMax
        bytesMax = limits.outputBytesMax
        expectedBytes = max(1, valueBytesMax)
    }

    var allowed: Int { min(outstandingMax, max(1, bytesMax / expectedBytes)) }

    mutating func observe(_ byteCount: Int) {
        expectedBytes = max(1, byteCount, expectedBytes - expectedBytes / 8)
    }
}
