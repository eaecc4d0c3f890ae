/// Whole files by their names, as a process uses them that does not keep them open.
extension DiskProcess {
    /// Nil where there is no such file.
    package func byteCount(of path: String) throws(DiskError) -> Int? {
        try inspect { (state) in state.names.names[path].flatMap { state.file($0)?.contents.count } }
    }

    /// Fewer bytes than `count` at the end of the file.
    package func read(_ path: String, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        let file = try file(path)
        return try perform(.read, .other, path, byteCount: count) { (state) in
            guard let contents = state.file(file)?.contents, offset < contents.count else { return [] }
            return Array(contents[offset..<min(contents.count, offset + count)])
        }
    }

    /// Makes the file where there is none.
    package func write(_ bytes: [UInt8], to path: String, at offset: Int) throws(DiskError) {
        try perform(.write, .other, path, byteCount: bytes.count) { (state) throws(DiskError) in
            let file = try state.open(path, kind: .other, creates: true)
            try bytes.span.withUnsafeBytes { (bytes) throws(DiskError) in try state.write(bytes, at: offset, to: file) }
        }
    }

    package func sync(_ path: String) throws(DiskError) {
        try sync(try file(path), .other, path)
    }

    private func file(_ path: String) throws(DiskError) -> FileID {
        try inspect { (state) throws(DiskError) in
            guard let file = state.names.names[path] else { throw .missing }
            return file
        }
    }
}
