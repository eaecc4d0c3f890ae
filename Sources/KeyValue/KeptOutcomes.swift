/// The outcomes that a session keeps for retries: those of sequences that its client has not let go of.
///
/// Sequences ascend and are let go of from below, so the outcomes stand in an array by their distance from `base`.
package struct KeptOutcomes: Sendable {
    /// The lowest sequence that may have an outcome: every one below has been answered to its client.
    package private(set) var base: UInt64
    /// The outcome of sequence `base + i` stands at `head + i`. Before `head` are places that have been given up.
    private var places: [Outcome?] = []
    private var head = 0
    /// The sum of the outcomes' `byteCount`.
    package private(set) var byteCount = 0

    /// Given-up places are cleared out when there are more of them than this, and than places in use.
    private static let idlePlacesMax = 64

    package init(base: UInt64) { self.base = base }

    /// How many sequences from `base` on have a place: the last of them has an outcome.
    package var width: Int { places.count - head }

    /// Nil for a sequence without an outcome.
    package subscript(_ sequence: UInt64) -> Outcome? {
        guard sequence >= base, sequence - base < UInt64(width) else { return nil }
        return places[head + Int(sequence - base)]
    }

    /// `sequence` is at or above `base`, not far above it (the caller bounds the distance), and has no outcome yet.
    package mutating func keep(_ outcome: Outcome, for sequence: UInt64) {
        precondition(self[sequence] == nil, "a sequence keeps one outcome")
        let index = Int(sequence - base)
        while width <= index { places.append(nil) }
        places[head + index] = outcome
        byteCount += outcome.byteCount
    }

    /// Lets go of everything below `sequence`; never moves back.
    package mutating func letGo(below sequence: UInt64) {
        guard sequence > base else { return }
        let count = Int(min(sequence - base, UInt64(width)))
        for index in head..<head + count {
            if let outcome = places[index] { byteCount -= outcome.byteCount }
            places[index] = nil
        }
        head += count
        base = sequence
        if head == places.count {
            places.removeAll(keepingCapacity: true)
            head = 0
        } else if head > Self.idlePlacesMax, head > width {
            places.removeFirst(head)
            head = 0
        }
    }
}

/// Equal when the same outcomes are kept, wherever they stand in the array.
extension KeptOutcomes: Hashable {
    package static func == (left: KeptOutcomes, right: KeptOutcomes) -> Bool {
        left.base == right.base && left.places[left.head...] == right.places[right.head...]
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(base)
        hasher.combine(places[head...])
    }
}

/// The byte form, in a session's record: version u8: 1, count as a varint, then in ascending order of sequence for each outcome
/// the number of sequences without one before it, as a varint, and the outcome in its own form.
extension KeptOutcomes {
    private static let version: UInt8 = 1

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 16 + width * 4 + byteCount / 2)
        writer.write(Self.version)
        writer.writeVarint(UInt64(places[head...].count { $0 != nil }))
        var gap: UInt64 = 0
        for place in places[head...] {
            guard let outcome = place else {
                gap += 1
                continue
            }
            writer.writeVarint(gap)
            outcome.write(to: &writer)
            gap = 0
        }
        return writer.bytes
    }

    /// `widthMax` bounds `width`.
    package init(base: UInt64, bytes: [UInt8], widthMax: Int) throws(CodingError) {
        self = try ByteReader.reading(bytes) { (reader) throws(CodingError) in
            var kept = KeptOutcomes(base: base)
            let version = try reader.read(UInt8.self)
            guard version == Self.version else { throw .unknownVersion(version) }
            let count = try reader.readCount()
            for _ in 0..<count {
                let gap = try reader.readVarint()
                guard gap < UInt64(widthMax), Int(gap) < widthMax - kept.width else { throw .malformed("a kept sequence") }
                let (sequence, overflows) = base.addingReportingOverflow(UInt64(kept.width) + gap)
                guard !overflows else { throw .malformed("a kept sequence") }
                kept.keep(try Outcome(from: &reader), for: sequence)
            }
            return kept
        }
    }
}
