import CSQLite

/// What SQLite sees of an open file: its methods, and ours behind them.
struct FaultFile {
    var base: sqlite3_file
    /// An `OpenFile`, retained until SQLite closes it.
    var handle: UnsafeMutableRawPointer?

    static func open(_ file: UnsafeMutablePointer<sqlite3_file>, _ handle: OpenFile, _ methods: UnsafePointer<sqlite3_io_methods>) {
        UnsafeMutableRawPointer(file).initializeMemory(
            as: FaultFile.self,
            to: FaultFile(base: sqlite3_file(pMethods: methods), handle: Unmanaged.passRetained(handle).toOpaque()))
    }

    static func close(_ file: UnsafeMutablePointer<sqlite3_file>) {
        pointer(file).withMemoryRebound(to: FaultFile.self, capacity: 1) { open in
            guard let handle = open.pointee.handle else { return }
            open.pointee.handle = nil
            Unmanaged<OpenFile>.fromOpaque(handle).takeRetainedValue().close()
        }
    }

    static func handle(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile? {
        guard let file, let handle = UnsafeMutableRawPointer(file).assumingMemoryBound(to: FaultFile.self).pointee.handle else {
            return nil
        }
        return Unmanaged<OpenFile>.fromOpaque(handle).takeUnretainedValue()
    }

    private static func pointer(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<FaultFile> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: FaultFile.self)
    }
}

/// Runs `body` on the file's handle; what it throws becomes SQLite's code for `operation`.
private func call(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ operation: IOError, _ body: (OpenFile) throws(DiskError) -> Int32
) -> Int32 {
    guard let handle = FaultFile.handle(file) else { return operation.code }
    do throws(DiskError) { return try body(handle) } catch { return error.code(operation) }
}

extension sqlite3_io_methods {
    /// Version 2: with the shared index of a write-ahead log, without memory-mapped files.
    static func fault() -> sqlite3_io_methods {
        var methods = sqlite3_io_methods()
        methods.iVersion = 2
        methods.addReadingAndWriting()
        methods.addLocks()
        methods.addSharedMemory()
        methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        // As SQLite's unix VFS says: 4096 is what it pads to, whatever the sectors are; bytes beside a write are safe.
        methods.xSectorSize = { _ in 4096 }
        methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
        return methods
    }

    private mutating func addReadingAndWriting() {
        xClose = { file in
            if let file { FaultFile.close(file) }
            return SQLITE_OK
        }
        xRead = { file, bytes, count, offset in
            call(file, .read) { (handle) throws(DiskError) in
                let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
                return try handle.read(into: buffer, at: Int(offset)) ? SQLITE_OK : IOError.shortRead.code
            }
        }
        xWrite = { file, bytes, count, offset in
            call(file, .write) { (handle) throws(DiskError) in
                try handle.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), at: Int(offset))
                return SQLITE_OK
            }
        }
        xTruncate = { file, length in
            call(file, .truncate) { (handle) throws(DiskError) in
                try handle.truncate(to: Int(length))
                return SQLITE_OK
            }
        }
        xSync = { file, _ in
            call(file, .sync) { (handle) throws(DiskError) in
                try handle.sync()
                return SQLITE_OK
            }
        }
        xFileSize = { file, size in
            call(file, .size) { (handle) throws(DiskError) in
                size?.pointee = Int64(try handle.size())
                return SQLITE_OK
            }
        }
    }

    private mutating func addLocks() {
        xLock = { file, level in
            call(file, .lock) { (handle) in
                guard handle.vfs.process.isAlive else { return IOError.lock.code }
                return handle.node?.lock(handle, level) ?? SQLITE_OK
            }
        }
        xUnlock = { file, level in
            call(file, .lock) { (handle) in
                handle.node?.unlock(handle, level)
                return SQLITE_OK
            }
        }
        xCheckReservedLock = { file, result in
            call(file, .lock) { (handle) in
                result?.pointee = handle.node?.isReserved == true ? 1 : 0
                return SQLITE_OK
            }
        }
    }

    private mutating func addSharedMemory() {
        xShmMap = { file, index, size, extends, result in
            call(file, .sharedMemory) { (handle) in
                guard handle.vfs.process.isAlive, let node = handle.node else { return IOError.sharedMemory.code }
                result?.pointee = node.region(Int(index), size: Int(size), extends: extends != 0)
                return SQLITE_OK
            }
        }
        xShmLock = { file, first, count, flags in
            call(file, .sharedMemory) { (handle) in
                let isUnlock = flags & SQLITE_SHM_UNLOCK != 0
                guard isUnlock || handle.vfs.process.isAlive, let node = handle.node else { return IOError.sharedMemory.code }
                return node.lockSlots(handle, Int(first)..<Int(first + count), flags)
            }
        }
        // One thread: nothing to order.
        xShmBarrier = { _ in }
        xShmUnmap = { file, _ in
            call(file, .sharedMemory) { (handle) in
                handle.node?.leave(handle)
                return SQLITE_OK
            }
        }
    }
}
