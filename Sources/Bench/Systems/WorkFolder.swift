import Foundation

/// A folder of our own for data; nothing else is touched, and it is removed at the end.
package final class WorkFolder {
    package let path: String

    package init(in parent: String) throws(BenchFailure) {
        var template = Array("\(parent)/decree-bench-\(String(repeating: "X", count: 6))".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchFailure("can't make a folder in \(parent): \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
