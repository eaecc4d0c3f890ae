import Glibc

/// The operating system's directories and names. Never an open database file: see rule 3 of docs/disk-format.md.
struct FileSystem: StorageFileSystem {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    func makeDirectory(_ path: String) throws(StorageError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure("make directory", path) }
        // Also where it stood before: the process that made it may have ended before it synced its name.
        var parent = path[...]
        while parent.count > 1, parent.hasSuffix("/") { parent = parent.dropLast() }
        let end = parent.lastIndex(of: "/")
        try Self.sync(directory: end.map { $0 == parent.startIndex ? "/" : String(parent[..<$0]) } ?? ".")
    }

    func names(in directory: String) throws(StorageError) -> [String] {
        guard let stream = opendir(directory) else { throw Self.failure("list directory", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) })
        }
        return names
    }

    func syncDirectory(_ path: String) throws(StorageError) { try Self.sync(directory: path) }

    func renew(_ path: String, _ piece: ([UInt8]) -> Void) throws(StorageError) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return false }
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { close(descriptor) }
        var offset = 0
        while true {
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, offset))
            }
            if bytes.isEmpty { break }
            piece(bytes)
            guard pwrite(descriptor, bytes, bytes.count, offset) == bytes.count else { throw Self.failure("write", path) }
            offset += bytes.count
        }
        guard offset == lseek(descriptor, 0, SEEK_END) else { throw Self.failure("read", path) }
        return true
    }

    /// So few that the allocator has them at hand again.
    private static let pieceBytes = 1 << 16

    static func failure(_ action: String, _ path: String) -> StorageError {
        StorageError(
            errno == ENOSPC || errno == EDQUOT ? .full : .inputOutput, "can't \(action) \(path): \(String(cString: strerror(errno)))")
    }

    fileprivate static func sync(directory: String) throws(StorageError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync directory", directory) }
    }
}
