/// How many commands of a connection may be outstanding so that their replies fit in its share of memory. Nobody knows a
/// reply's size before it comes, so the next are taken to be as large as the largest of late.
struct ReplyWindow {
    /// Of a reply besides its bytes.
    private static let overheadBytes = 64

    private let outstandingMax: Int
    private let bytesMax: Int
    /// Of one reply, in bytes; forgets an eighth with each smaller reply.
    private var expectedBytes: Int

    init(limits: GatewayLimits, valueBytesMax: Int) {
        outstandingMax = limits.outstandingMax
        // A command may be taken while as much as `heldOutputBytes` still waits for the client.
        bytesMax = limits.outputBytesMax - limits.heldOutputBytes
        expectedBytes = valueBytesMax + Self.overheadBytes
    }

    var allowed: Int { min(outstandingMax, max(1, bytesMax / expectedBytes)) }

    mutating func observe(_ byteCount: Int) {
        expectedBytes = max(byteCount + Self.overheadBytes, expectedBytes - expectedBytes / 8)
    }
}
