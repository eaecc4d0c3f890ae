import NIOCore

/// Whether datagrams get to a peer and back, judged by probes and their echoes.
struct Reachability {
    /// Echoes of older probes say nothing about now.
    private static let probesKept: UInt64 = 4

    private var lastProbe: UInt64
    private var lastEcho: NIODeadline?
    private(set) var isReachable = false

    /// A random first number keeps echoes meant for an earlier life of this process from counting.
    init(firstNumber: UInt64) { lastProbe = firstNumber }

    mutating func nextProbe() -> UInt64 {
        lastProbe &+= 1
        return lastProbe
    }

    /// True where this changes the judgement.
    mutating func echoed(_ number: UInt64, at now: NIODeadline) -> Bool {
        guard lastProbe &- number < Self.probesKept else { return false }
        lastEcho = now
        defer { isReachable = true }
        return !isReachable
    }

    /// True where the peer has just become unreachable.
    mutating func expire(at now: NIODeadline, after limit: TimeAmount) -> Bool {
        guard isReachable, let lastEcho, now - lastEcho > limit else { return false }
        isReachable = false
        return true
    }
}
