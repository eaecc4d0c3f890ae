/// A command's name, letters in upper case, packed into two words so that it is compared and hashed without its bytes.
struct CommandName: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Nil for what is longer than 16 bytes: no command's name is.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte.uppercased)
        }
        self.high = high
        self.low = low
    }

    init?(_ name: String) {
        let packed = Array(name.utf8).withUnsafeBytes { CommandName($0) }
        guard let packed else { return nil }
        self = packed
    }
}
