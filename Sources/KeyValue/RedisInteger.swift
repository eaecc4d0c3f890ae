extension Int64 {
    /// Redis's own reading of a value as a number: exactly the bytes that it would write for that number. No spaces, no plus
    /// sign, no leading zero, no `-0`.
    init?(redis bytes: [UInt8]) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.dropFirst() : bytes[...]
        guard let first = digits.first, digits.count <= 19 else { return nil }
        guard first != UInt8(ascii: "0") || bytes.count == 1 else { return nil }
        // Counted downwards: the lowest number has no positive counterpart.
        var number: Int64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: 10)
            let (difference, underflows) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflows, !underflows else { return nil }
            number = difference
        }
        guard isNegative || number != .min else { return nil }
        self = isNegative ? number : -number
    }
}
