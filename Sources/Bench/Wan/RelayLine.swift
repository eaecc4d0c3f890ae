import DequeModule

/// What is on its way in one direction: it arrives in the order in which it was sent, each piece once its time has come.
package struct RelayLine {
    package struct Parcel: Hashable {
        package var due: UInt64
        package var bytes: [UInt8]
    }

    private var parcels: Deque<Parcel> = []
    package private(set) var byteCount = 0
    private var lastDue: UInt64 = 0

    package init() {}

    package var nextDue: UInt64? { parcels.first?.due }

    /// Never before what was sent earlier.
    package mutating func append(_ bytes: [UInt8], due: UInt64) {
        lastDue = max(lastDue, due)
        byteCount += bytes.count
        parcels.append(Parcel(due: lastDue, bytes: bytes))
    }

    /// The next whose time has come.
    package mutating func take(by now: UInt64) -> Parcel? {
        guard let first = parcels.first, first.due <= now else { return nil }
        parcels.removeFirst()
        byteCount -= first.bytes.count
        return first
    }

    /// What the kernel did not take comes first again, after a moment.
    package mutating func putBack(_ bytes: [UInt8], due: UInt64) {
        byteCount += bytes.count
        parcels.prepend(Parcel(due: due, bytes: bytes))
    }
}
