/// When the operations of an open loop should be sent: evenly, whatever becomes of them.
package struct Schedule {
    package let start: UInt64
    private let gap: Double
    package private(set) var issued = 0

    package init(start: UInt64, rate: Double) {
        self.start = start
        gap = Double(Clock.second) / rate
    }

    package var next: UInt64 { start + UInt64(Double(issued) * gap) }

    package mutating func advance() { issued += 1 }

    /// Those that should have been sent by then, and have not.
    package func due(until end: UInt64) -> Int {
        end > start ? max(0, Int(Double(end - start) / gap) - issued) : 0
    }
}
