import CSQLite

private func system(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> FaultVFS? {
    vfs?.pointee.pAppData.map { Unmanaged<FaultVFS>.fromOpaque($0).takeUnretainedValue() }
}

/// Between the Julian day on which SQLite's time begins, at noon, and 1970.
private let millisecondsFromJulianDayTo1970: Int64 = 210_866_760_000_000

extension sqlite3_vfs {
    /// Names are absolute paths, taken as they are. Nothing is ever loaded.
    static func fault(name: UnsafePointer<CChar>) -> sqlite3_vfs {
        var vfs = sqlite3_vfs()
        vfs.iVersion = 2
        vfs.szOsFile = Int32(MemoryLayout<FaultFile>.size)
        vfs.mxPathname = 512
        vfs.zName = name
        vfs.addFiles()
        vfs.xRandomness = { vfs, count, bytes in
            system(vfs)?.fillRandomly(UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        vfs.xSleep = { vfs, microseconds in
            system(vfs)?.sleep(microseconds: Int(microseconds))
            return microseconds
        }
        vfs.xCurrentTimeInt64 = { vfs, result in
            result?.pointee = (system(vfs)?.milliseconds ?? 0) + millisecondsFromJulianDayTo1970
            return SQLITE_OK
        }
        vfs.xCurrentTime = { vfs, result in
            result?.pointee = Double((system(vfs)?.milliseconds ?? 0) + millisecondsFromJulianDayTo1970) / 86_400_000
            return SQLITE_OK
        }
        vfs.xGetLastError = { _, _, _ in 0 }
        return vfs
    }

    private mutating func addFiles() {
        xOpen = { vfs, name, file, flags, flagsResult in
            guard let vfs = system(vfs), let file else { return SQLITE_CANTOPEN }
            // Without methods SQLite does not close what could not be opened.
            file.pointee.pMethods = nil
            do throws(DiskError) {
                try vfs.open(name.map { String(cString: $0) }, flags, into: file)
            } catch {
                return SQLITE_CANTOPEN
            }
            flagsResult?.pointee = flags
            return SQLITE_OK
        }
        xDelete = { vfs, name, syncsDirectory in
            guard let vfs = system(vfs), let name else { return IOError.delete.code }
            let path = String(cString: name)
            do throws(DiskError) {
                try vfs.process.delete(path)
                if syncsDirectory & 1 != 0 { try vfs.process.syncDirectory(NameSpace.directory(of: path)) }
                return SQLITE_OK
            } catch {
                return error == .missing ? IOError.noSuchFile.code : IOError.delete.code
            }
        }
        xAccess = { vfs, name, flags, result in
            guard let vfs = system(vfs), let name else { return IOError.access.code }
            let path = String(cString: name)
            do throws(DiskError) {
                // As in SQLite's unix VFS an empty file does not exist, and whoever may read may write.
                let exists = try vfs.process.inspect { (state) in
                    state.names.names[path].flatMap { state.file($0) }.map { flags != SQLITE_ACCESS_EXISTS || !$0.contents.isEmpty }
                        ?? false
                }
                result?.pointee = exists ? 1 : 0
                return SQLITE_OK
            } catch {
                return IOError.access.code
            }
        }
        xFullPathname = { _, name, count, result in
            guard let name, let result, let length = Optional(String(cString: name).utf8.count), length < Int(count) else {
                return SQLITE_CANTOPEN
            }
            result.update(from: name, count: length + 1)
            return SQLITE_OK
        }
    }
}
