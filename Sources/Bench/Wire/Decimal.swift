/// Numbers as decimal digits, without a detour through strings.
enum Decimal {
    static func digitCount(_ number: Int) -> Int {
        var count = 1
        var bound = 10
        while number >= bound, count < 19 {
            count += 1
            bound &*= 10
        }
        return count
    }

    /// Writes all digits before `end`, and zeros as far as `start` says.
    static func put(_ number: Int, from start: Int? = nil, endingAt end: Int, in bytes: UnsafeMutableBufferPointer<UInt8>) {
        var rest = UInt(number)
        var place = end
        repeat {
            place -= 1
            bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        guard let start else { return }
        while place > start {
            place -= 1
            bytes[place] = UInt8(ascii: "0")
        }
    }

    static func value(_ digits: some Collection<UInt8>) -> Int? {
        guard let first = digits.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        var number = 0
        for digit in isNegative ? digits.dropFirst() : digits.dropFirst(0) {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9"), number < Int.max / 16 else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return digits.count > (isNegative ? 1 : 0) ? (isNegative ? -number : number) : nil
    }
}
