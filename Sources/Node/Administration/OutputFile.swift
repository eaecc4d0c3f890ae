import Glibc

/// A new file that gets its name once it is whole and durable.
struct OutputFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    private var partPath: String { path + ".part" }

    /// A `.part` that an earlier attempt has left is begun anew.
    init(_ path: String) throws(ExitFailure) {
        self.path = path
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("make", path + ".part") }
    }

    deinit {
        close(descriptor)
        // Nothing, once it has its name.
        unlink(partPath)
    }

    borrowing func write(_ bytes: [UInt8]) throws(ExitFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            guard count > 0 else { throw Self.failure("write", partPath) }
            written += count
        }
    }

    consuming func finish() throws(ExitFailure) {
        guard fsync(descriptor) == 0 else { throw Self.failure("sync", partPath) }
        guard rename(partPath, path) == 0 else { throw Self.failure("rename", partPath) }
        try Self.syncDirectory(of: path)
    }

    private static func syncDirectory(of path: String) throws(ExitFailure) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    static func failure(_ verb: String, _ path: String) -> ExitFailure {
        .inputOutput("can't \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
