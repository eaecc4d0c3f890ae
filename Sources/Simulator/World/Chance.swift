package import Paxos

/// SplitMix64: the only source of chance in a world.
package struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// One of the sources of a world: what is drawn from one of them shifts nothing in the others.
    init(seed: UInt64, _ stream: Stream) {
        var streams = Chance(seed: seed &* 31 &+ 7)
        var own = Chance(seed: streams.next() ^ stream.number)
        state = own.next()
    }

    enum Stream {
        case cluster, limits, network, faults, play
        /// What one strike of the faults does.
        case strike(Int)
        case node(NodeID)
        case client(Int, NodeID)

        fileprivate var number: UInt64 {
            switch self {
            case .cluster: 1
            case .limits: 2
            case .network: 3
            case .faults: 4
            case .play: 5
            case .strike(let index): 1 << 32 + UInt64(index)
            case .node(let id): 2 << 32 + UInt64(id.rawValue)
            case .client(let index, let id): 3 << 32 + UInt64(index) << 16 + UInt64(id.rawValue)
            }
        }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    package mutating func isTrue(perMille: Int) -> Bool { below(1000) < perMille }

    package mutating func span(_ range: ClosedRange<Int64>, unit: Int64 = 1_000) -> Span {
        let width = UInt64((range.upperBound - range.lowerBound) * unit + 1)
        return Span(nanoseconds: range.lowerBound * unit + Int64(next() % width))
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// FNV-1a over everything that happened: two runs of one seed have the same.
package struct Digest: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func mix(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01B3
        value ^= value >> 29
    }

    package mutating func mix(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
}
