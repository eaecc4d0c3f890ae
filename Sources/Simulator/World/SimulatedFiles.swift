package import FaultVFS
package import Storage

/// A simulated disk, as storage sees it beside SQLite.
package struct SimulatedFiles: StorageFileSystem {
    let process: DiskProcess

    package init(process: DiskProcess) { self.process = process }

    package func makeDirectory(_ path: String) throws(StorageError) {
        try storing("make directory", path) { () throws(DiskError) in
            _ = try process.makeDirectory(path)
            let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            try process.syncDirectory(parent.isEmpty ? "/" : String(parent))
        }
    }

    package func names(in directory: String) throws(StorageError) -> [String] {
        try storing("list directory", directory) { () throws(DiskError) in try process.names(in: directory) }
    }

    package func renew(_ path: String, _ piece: ([UInt8]) -> Void) throws(StorageError) -> Bool {
        try storing("renew", path) { () throws(DiskError) in
            do throws(DiskError) { try process.renew(path, piece) } catch {
                guard error == .missing else { throw error }
                return false
            }
            return true
        }
    }

    package func byteCount(of path: String) throws(StorageError) -> UInt64? {
        try storing("look at", path) { () throws(DiskError) in try process.byteCount(of: path).map(UInt64.init) }
    }

    package func read(_ path: String, at offset: UInt64, count: Int) throws(StorageError) -> [UInt8] {
        try storing("read", path) { () throws(DiskError) in try process.read(path, at: Int(offset), count: count) }
    }

    package func write(_ bytes: [UInt8], to path: String, at offset: UInt64) throws(StorageError) {
        try storing("write", path) { () throws(DiskError) in try process.write(bytes, to: path, at: Int(offset)) }
    }

    package func sync(_ path: String) throws(StorageError) {
        try storing("sync", path) { () throws(DiskError) in try process.sync(path) }
    }

    package func rename(_ path: String, to other: String) throws(StorageError) {
        try storing("rename", path) { () throws(DiskError) in try process.rename(path, to: other) }
    }

    package func delete(_ path: String) throws(StorageError) {
        try storing("delete", path) { () throws(DiskError) in
            do throws(DiskError) { try process.delete(path) } catch { if error != .missing { throw error } }
        }
    }

    package func syncDirectory(_ path: String) throws(StorageError) {
        try storing("sync directory", path) { () throws(DiskError) in try process.syncDirectory(path) }
    }

    private func storing<Result>(_ action: String, _ path: String, _ body: () throws(DiskError) -> Result) throws(StorageError) -> Result {
        do throws(DiskError) {
            return try body()
        } catch {
            throw StorageError(error == .full ? .full : .inputOutput, "can't \(action) \(path): \(error)")
        }
    }
}
