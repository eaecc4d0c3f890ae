import Foundation

/// A folder of our own for data; nothing else is touched. It is removed at the end, also where the program is interrupted.
package final class WorkFolder {
    package let path: String
    private let interruptions: [any DispatchSourceSignal]

    package init(in parent: String) throws(BenchFailure) {
        var template = Array("\(parent)/decree-bench-\(String(repeating: "X", count: 6))".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchFailure("can't make a folder in \(parent): \(String(cString: strerror(errno)))") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.path = path
        interruptions = ServerProcess.interruptions.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                Self.remove(path)
                signal(number, SIG_DFL)
                kill(getpid(), number)
            }
            source.resume()
            return source
        }
    }

    deinit {
        Self.remove(path)
        for source in interruptions { source.cancel() }
        for number in ServerProcess.interruptions { signal(number, SIG_DFL) }
    }

    /// Servers that still run may make another file meanwhile.
    private static func remove(_ path: String) {
        for _ in 0..<100 where FileManager.default.fileExists(atPath: path) { try? FileManager.default.removeItem(atPath: path) }
    }
}
