import Glibc

/// What is asked about files without opening them, and the file that keeps some room free.
extension FileSystem {
    func fileNumber(of path: String) -> FileNumber? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileNumber(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    func freeBytes(in directory: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    func takeRoom(_ path: String, byteCount: UInt64) -> Bool {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Blocks, not only a length: a file with a hole would keep nothing free.
        if posix_fallocate(descriptor, 0, off_t(byteCount)) == 0, ftruncate(descriptor, off_t(byteCount)) == 0 { return true }
        unlink(path)
        return false
    }

    func giveRoomBack(_ path: String) -> Bool { unlink(path) == 0 }

    func lockHolders(of path: String) -> [LockHolder] {
        guard let file = fileNumber(of: path + "-shm"), let table = Self.text(of: "/proc/locks") else { return [] }
        return LockTable.holders(of: file, in: table, excluding: getpid()).map { process in
            let command = Self.text(of: "/proc/\(process)/comm").map { $0.filter { $0 != "\n" } } ?? ""
            return LockHolder(process: process, command: command)
        }
    }

    /// Of the system's own files, which have no length.
    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        while text.count < textBytesMax {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
            }
            if piece.isEmpty { break }
            text += piece
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let textBytesMax = 4 << 20
}

extension FileSystem {
    /// Reads a file that no connection of this process has open, from its beginning.
    static func readPieces(of path: String, _ piece: ([UInt8]) -> Void) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        while true {
            var isRead = true
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                isRead = got >= 0
                count = max(0, got)
            }
            guard isRead else { throw failure("read", path) }
            if bytes.isEmpty { return }
            piece(bytes)
        }
    }
}
