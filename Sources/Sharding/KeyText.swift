/// A key as an error message shows it: on one line, and bounded.
package enum KeyText {
    private static let bytesShownMax = 64

    /// In single quotes; bytes that are no printable ASCII as `\xNN`, long keys cut.
    package static func quoted(_ key: [UInt8]) -> String {
        var text = "'"
        for byte in key.prefix(bytesShownMax) {
            if 0x20...0x7E ~= byte, byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text + (key.count > bytesShownMax ? "'… (\(key.count) bytes)" : "'")
    }
}
