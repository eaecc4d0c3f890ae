import Glibc

/// Bytes within bytes, by the C library's search: the collections' own would cost more than all else that is done with a response.
enum ByteSearch {
    static func first(_ pattern: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Range<Int>? {
        guard let base = bytes.baseAddress else { return nil }
        var place = start
        while place + pattern.count <= end, let found = memchr(base + place, Int32(pattern[0]), end - place - pattern.count + 1) {
            place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(found, pattern, pattern.count) == 0 { return place..<place + pattern.count }
            place += 1
        }
        return nil
    }
}
