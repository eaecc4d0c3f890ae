/// Where a `SCAN` over all shards goes on, as one number that a client hands back: the shard's place among the ranges in
/// the bits from 48 (one bit is left free: some clients read signed numbers), the row id after which to go on below them.
/// 0 is both the start and the end.
package struct ScanCursor: Hashable, Sendable {
    package let ordinal: Int
    package let after: UInt64

    private static let rowBits: UInt64 = 48
    private static let ordinalMax = 0x7FFF
    package static let rowMax: UInt64 = 1 << rowBits - 1

    /// Nil where the numbers do not fit.
    package init?(ordinal: Int, after: UInt64) {
        guard 0...Self.ordinalMax ~= ordinal, after <= Self.rowMax else { return nil }
        self.ordinal = ordinal
        self.after = after
    }

    package init(rawValue: UInt64) {
        ordinal = Int(rawValue >> Self.rowBits)
        after = rawValue & Self.rowMax
    }

    package var rawValue: UInt64 { UInt64(ordinal) << Self.rowBits | after }
}
