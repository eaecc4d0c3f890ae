/// Bytes within JSON, as etcd's gateway has them.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func length(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to queue: inout ByteQueue) {
        let room = queue.room(length(bytes.count))
        let letters = letters
        var end = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            let second = count > 1 ? Int(bytes[start + 1]) : 0
            let third = count > 2 ? Int(bytes[start + 2]) : 0
            let group = Int(bytes[start]) << 16 | second << 8 | third
            room[end] = letters[group >> 18]
            room[end + 1] = letters[group >> 12 & 63]
            room[end + 2] = count > 1 ? letters[group >> 6 & 63] : padding
            room[end + 3] = count > 2 ? letters[group & 63] : padding
            end += 4
        }
        queue.commit(end)
    }

    static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (group, bits) = (0, 0)
        for letter in text where letter != padding {
            guard let value = letters.firstIndex(of: letter) else { return nil }
            group = (group << 6 | value) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
            }
        }
        return bytes
    }
}
