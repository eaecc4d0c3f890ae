import Glibc

/// Keeps a second process off a node's directory: the file `LOCK` in it, locked for as long as this value lives.
package final class NodeLock: Sendable {
    private let descriptor: Int32

    /// Makes the directory where there is none.
    package init(directory: String) throws(StorageError) {
        try FileSystem().makeDirectory(directory)
        let path = directory + "/LOCK"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileSystem.failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(descriptor) }
            guard errno == EWOULDBLOCK else { throw FileSystem.failure("lock", path) }
            throw StorageError(.inUse, "\(directory) is in use by process \(Self.holder(descriptor)): one node, one directory")
        }
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, line, line.count, 0) == line.count else {
            defer { close(descriptor) }
            throw FileSystem.failure("write", path)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
        return digits.isEmpty ? "(unknown)" : String(decoding: digits, as: UTF8.self)
    }
}
