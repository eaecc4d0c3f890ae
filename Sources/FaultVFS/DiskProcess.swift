import Synchronization

/// The disk as one process sees it: dead once the machine has crashed or the process was killed.
package struct DiskProcess: Sendable {
    let disk: SimulatedDisk
    private let life: UInt64

    package init(_ disk: SimulatedDisk) {
        self.disk = disk
        life = disk.state.withLock { $0.life }
    }

    package var isAlive: Bool { disk.state.withLock { $0.isAlive(life) } }

    /// Its parent must exist; that the name is durable takes a `syncDirectory` of the parent. False where it stood before.
    package func makeDirectory(_ path: String) throws(DiskError) -> Bool {
        try perform(.makeDirectory, .other, path) { (state) throws(DiskError) in
            if state.names.contains(directory: path) { return false }
            _ = try state.open(path, kind: .other, creates: true)
            return true
        }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try perform(.syncDirectory, .other, path) { (state) in state.syncDirectory(path) }
    }

    /// Sorted.
    package func names(in directory: String) throws(DiskError) -> [String] {
        try inspect { (state) throws(DiskError) in
            guard state.names.contains(directory: directory) else { throw .missing }
            return state.names.names(in: directory)
        }
    }

    /// Writes a whole file over itself, in pieces.
    package func renew(_ path: String, pieceBytes: Int = 1 << 16, _ piece: ([UInt8]) -> Void) throws(DiskError) {
        let file = try inspect { (state) throws(DiskError) in
            guard let file = state.names.names[path] else { throw .missing }
            return file
        }
        var offset = 0
        while true {
            let start = offset
            let bytes = try perform(.read, .other, path, byteCount: pieceBytes) { (state) in
                Array((state.file(file)?.contents ?? [])[start...].prefix(pieceBytes))
            }
            if bytes.isEmpty { break }
            piece(bytes)
            try perform(.write, .other, path, byteCount: bytes.count) { (state) throws(DiskError) in
                try bytes.span.withUnsafeBytes { (bytes) throws(DiskError) in try state.write(bytes, at: start, to: file) }
            }
            offset += bytes.count
        }
    }

    func sync(_ file: FileID, _ kind: FileKind, _ path: String) throws(DiskError) {
        try perform(
            .sync, kind, path,
            spoiled: { (_, state) throws(DiskError) in
                state.loseSync(file)
                // The lock's closure keeps what it did to the state, also when it throws.
                throw .inputOutput
            }, { (state) in state.sync(file) })
    }

    package func rename(_ path: String, to other: String) throws(DiskError) {
        try perform(.makeDirectory, .other, path) { (state) throws(DiskError) in try state.rename(path, to: other) }
    }

    package func delete(_ path: String) throws(DiskError) {
        try perform(.delete, .other, path) { (state) throws(DiskError) in try state.delete(path) }
    }

    /// What costs the disk nothing and never fails but with the process.
    func inspect<Result: Sendable>(_ body: (inout DiskState) throws(DiskError) -> Result) throws(DiskError) -> Result {
        try disk.state.withLock { (state) throws(DiskError) -> Result in
            guard state.isAlive(life) else { throw .dead }
            return try body(&state)
        }
    }

    /// Counts the operation, asks what goes wrong with it, and does it.
    func perform<Result: Sendable>(
        _ action: Operation.Action, _ file: FileKind, _ path: String, byteCount: Int = 0,
        spoiled: ((Fault, inout DiskState) throws(DiskError) -> Result)? = nil, _ body: (inout DiskState) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        let (operation, watch) = try inspect { (state) in
            state.operationCount += 1
            let operation = Operation(number: state.operationCount, action: action, file: file, path: path, byteCount: byteCount)
            state.counters.count(operation)
            return (operation, state.watch)
        }
        let fault = watch?(operation)
        return try inspect { (state) throws(DiskError) in
            switch fault {
            case nil: return try body(&state)
            case .shortRead:
                if let spoiled, action == .read { return try spoiled(.shortRead, &state) }
                return try body(&state)
            case .failedSync:
                if let spoiled, action == .sync { return try spoiled(.failedSync, &state) }
                throw .inputOutput
            case .error: throw .inputOutput
            case .full: throw action == .write ? .full : .inputOutput
            case .powerLoss:
                // A sync that was under way has made nothing certain; everything else has reached the cache.
                if action != .sync, action != .syncDirectory { _ = try body(&state) }
                state.isHalted = true
                throw .dead
            }
        }
    }
}
