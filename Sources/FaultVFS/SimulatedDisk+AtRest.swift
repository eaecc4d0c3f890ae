import Synchronization

/// What happens to a directory while nobody uses it: lost, or put back as it was before. Durable at once.
extension SimulatedDisk {
    package struct Image: Sendable {
        fileprivate let directory: String
        fileprivate let files: [(name: String, kind: FileKind, contents: [UInt8])]
    }

    /// A copy of a directory's files, as processes see them.
    package func image(of directory: String) -> Image {
        state.withLock { state in
            let files = state.names.names(in: directory).compactMap { name in
                state.names.names[directory + "/" + name].flatMap { state.file($0) }.map { (name, $0.kind, $0.contents) }
            }
            return Image(directory: directory, files: files)
        }
    }

    /// Those whose names begin with `prefix`.
    package func removeFiles(in directory: String, beginningWith prefix: String = "") {
        state.withLock { $0.removeFiles(in: directory, beginningWith: prefix) }
    }

    /// Of the files in a directory, as processes see them.
    package func names(in directory: String) -> [String] { state.withLock { $0.names.names(in: directory) } }

    /// The directory has the image's files, and no others.
    package func restore(_ image: Image) {
        state.withLock { state in
            state.removeFiles(in: image.directory)
            for (name, kind, contents) in image.files {
                guard let file = try? state.open(image.directory + "/" + name, kind: kind, creates: true) else { continue }
                contents.withUnsafeBytes { try? state.write($0, at: 0, to: file) }
                state.sync(file)
            }
            state.syncDirectory(image.directory)
        }
    }
}

extension DiskState {
    fileprivate mutating func removeFiles(in directory: String, beginningWith prefix: String = "") {
        for name in names.names(in: directory) where name.hasPrefix(prefix) { try? delete(directory + "/" + name) }
        syncDirectory(directory)
    }
}
