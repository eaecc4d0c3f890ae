import Glibc

/// Files that no SQLite connection has open, or has no locks on. Each call opens and closes the file: at a piece of 256 KiB that costs
/// nothing.
extension FileSystem {
    func byteCount(of path: String) throws(StorageError) -> UInt64? {
        var status = stat()
        if stat(path, &status) == 0 { return UInt64(status.st_size) }
        guard errno == ENOENT else { throw Self.failure("look at", path) }
        return nil
    }

    func read(_ path: String, at offset: UInt64, count: Int) throws(StorageError) -> [UInt8] {
        try Self.with(path, O_RDONLY) { (descriptor) throws(StorageError) in
            var failed = false
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, Int(offset) + filled)
                    failed = got < 0
                    guard got > 0 else { break }
                    filled += got
                }
            }
            if failed { throw Self.failure("read", path) }
            return bytes
        }
    }

    func write(_ bytes: [UInt8], to path: String, at offset: UInt64) throws(StorageError) {
        try Self.with(path, O_WRONLY | O_CREAT) { (descriptor) throws(StorageError) in
            var written = 0
            while written < bytes.count {
                let put = bytes.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, Int(offset) + written)
                }
                guard put > 0 else { throw Self.failure("write", path) }
                written += put
            }
        }
    }

    func sync(_ path: String) throws(StorageError) {
        try Self.with(path, O_WRONLY) { (descriptor) throws(StorageError) in
            guard fsync(descriptor) == 0 else { throw Self.failure("sync", path) }
        }
    }

    func rename(_ path: String, to other: String) throws(StorageError) {
        guard Glibc.rename(path, other) == 0 else { throw Self.failure("rename", path) }
    }

    func delete(_ path: String) throws(StorageError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure("delete", path) }
    }

    private static func with<Result>(
        _ path: String, _ flags: Int32, _ body: (Int32) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        return try body(descriptor)
    }
}
