import FaultVFS
package import Storage

extension SimulatedFiles {
    package func fileNumber(of path: String) -> FileNumber? {
        process.fileNumber(of: path).map { FileNumber(device: 1, number: $0) }
    }

    /// A disk without a limit has more than anybody needs.
    package func freeBytes(in directory: String) -> UInt64? { UInt64(process.freeBytes ?? 1 << 40) }

    package func takeRoom(_ path: String, byteCount: UInt64) -> Bool {
        do throws(DiskError) {
            try process.fill(path, byteCount: Int(byteCount))
            return true
        } catch {
            _ = giveRoomBack(path)
            return false
        }
    }

    package func giveRoomBack(_ path: String) -> Bool {
        do throws(DiskError) {
            try process.delete(path)
            return true
        } catch {
            return false
        }
    }

    package func lockHolders(of path: String) -> [LockHolder] { [] }
}
