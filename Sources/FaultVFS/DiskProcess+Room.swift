extension DiskProcess {
    /// Another file that is given the name later has another number; nil where no file has it.
    package func fileNumber(of path: String) -> UInt64? {
        do throws(DiskError) {
            return try inspect { (state) in state.names.names[path].map { UInt64($0) } }
        } catch {
            return nil
        }
    }

    /// Nil where the disk has no limit.
    package var freeBytes: Int? {
        do throws(DiskError) {
            return try inspect { (state) in state.capacity.map { max(0, $0 - state.usedBytes) } }
        } catch {
            return nil
        }
    }

    /// Makes a file of so many bytes, or makes it longer.
    package func fill(_ path: String, byteCount: Int) throws(DiskError) {
        try perform(.write, .other, path, byteCount: byteCount) { (state) throws(DiskError) in
            let file = try state.open(path, kind: .other, creates: true)
            let present = state.file(file)?.contents.count ?? 0
            guard present < byteCount else { return }
            let zeros = [UInt8](repeating: 0, count: byteCount - present)
            try zeros.span.withUnsafeBytes { (bytes) throws(DiskError) in try state.write(bytes, at: present, to: file) }
        }
    }
}
