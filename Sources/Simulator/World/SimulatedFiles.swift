package import FaultVFS
package import Storage

/// A simulated disk, as storage sees it beside SQLite.
package struct SimulatedFiles: StorageFileSystem {
    private let process: DiskProcess

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

    package func renew(_ path: String, _ piece: ([UInt8]) -> Void) throws(StorageError) {
        try storing("renew", path) { () throws(DiskError) in
            do throws(DiskError) { try process.renew(path, piece) } catch { if error != .missing { throw error } }
        }
    }

    private func storing<Result>(_ action: String, _ path: String, _ body: () throws(DiskError) -> Result) throws(StorageError) -> Result {
        do throws(DiskError) {
            return try body()
        } catch {
            throw StorageError(error == .full ? .full : .inputOutput, "can't \(action) \(path): \(error)")
        }
    }
}
