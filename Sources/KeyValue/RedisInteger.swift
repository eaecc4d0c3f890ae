/// Redis's own reading of bytes as a number: exactly those that it would write for that number. No spaces, no plus sign, no
/// leading zero, no `-0`.
extension Int64 {
    @inlinable package init?(digits: UnsafeRawBufferPointer) {
        let isNegative = digits.first == UInt8(ascii: "-")
        let magnitude = isNegative ? UnsafeRawBufferPointer(rebasing: digits.dropFirst()) : digits
        guard let value = UInt64(digits: magnitude), !(isNegative && value == 0) else { return nil }
        if isNegative {
            guard value <= Int64.min.magnitude else { return nil }
            self = Int64(truncatingIfNeeded: 0 &- value)
        } else {
            guard let exact = Int64(exactly: value) else { return nil }
            self = exact
        }
    }
}

extension UInt64 {
    @inlinable package init?(digits: UnsafeRawBufferPointer) {
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }
}
