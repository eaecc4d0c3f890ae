import CSQLite

/// What the connections of one process to one database share: their locks, and the index of the write-ahead log.
/// Stays for as long as one of them is open, dead or not: SQLite goes on pointing into its memory.
final class SharedNode {
    let file: FileID
    private var regions: [UnsafeMutableRawPointer] = []
    /// Of the database file. `holder` has reserved or more; more than `SHARED` by one connection at a time.
    private var sharedCount = 0
    private var holder: OpenFile?
    /// Of the write-ahead log's index, eight of them.
    private var sharedSlots = [Int](repeating: 0, count: Int(SQLITE_SHM_NLOCK))
    private var exclusiveSlots = [Bool](repeating: false, count: Int(SQLITE_SHM_NLOCK))

    init(file: FileID) { self.file = file }

    deinit {
        for region in regions { region.deallocate() }
    }

    /// Moves `handle` up to `level`; busy where another stands in its way (<https://www.sqlite.org/lockingv3.html>).
    func lock(_ handle: OpenFile, _ level: Int32) -> Int32 {
        guard handle.lockLevel < level else { return SQLITE_OK }
        let other = holder.flatMap { $0 === handle ? nil : $0 }
        if handle.lockLevel == SQLITE_LOCK_NONE {
            if let other, other.lockLevel >= SQLITE_LOCK_PENDING { return SQLITE_BUSY }
            sharedCount += 1
            handle.lockLevel = SQLITE_LOCK_SHARED
        }
        guard level > SQLITE_LOCK_SHARED else { return SQLITE_OK }
        guard other == nil else { return SQLITE_BUSY }
        holder = handle
        if level == SQLITE_LOCK_EXCLUSIVE, sharedCount > 1 {
            // New readers are kept out until those that are there have left.
            handle.lockLevel = SQLITE_LOCK_PENDING
            return SQLITE_BUSY
        }
        handle.lockLevel = level
        return SQLITE_OK
    }

    func unlock(_ handle: OpenFile, _ level: Int32) {
        guard handle.lockLevel > level else { return }
        if holder === handle { holder = nil }
        if level == SQLITE_LOCK_NONE { sharedCount -= 1 }
        handle.lockLevel = level
    }

    var isReserved: Bool { holder != nil }

    /// Nil where there is no such region yet and none is wanted.
    func region(_ index: Int, size: Int, extends: Bool) -> UnsafeMutableRawPointer? {
        guard index >= regions.count else { return regions[index] }
        guard extends else { return nil }
        while regions.count <= index {
            let region = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            region.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            regions.append(region)
        }
        return regions[index]
    }

    func lockSlots(_ handle: OpenFile, _ slots: Range<Int>, _ flags: Int32) -> Int32 {
        let isExclusive = flags & SQLITE_SHM_EXCLUSIVE != 0
        if flags & SQLITE_SHM_UNLOCK != 0 {
            for slot in slots { release(handle, slot) }
            return SQLITE_OK
        }
        for slot in slots {
            if exclusiveSlots[slot] && !handle.exclusiveSlots[slot] { return SQLITE_BUSY }
            if isExclusive, sharedSlots[slot] > (handle.sharedSlots[slot] ? 1 : 0) { return SQLITE_BUSY }
        }
        for slot in slots {
            if isExclusive {
                exclusiveSlots[slot] = true
                handle.exclusiveSlots[slot] = true
            } else if !handle.sharedSlots[slot] {
                sharedSlots[slot] += 1
                handle.sharedSlots[slot] = true
            }
        }
        return SQLITE_OK
    }

    func leave(_ handle: OpenFile) {
        for slot in sharedSlots.indices { release(handle, slot) }
    }

    private func release(_ handle: OpenFile, _ slot: Int) {
        if handle.sharedSlots[slot] { sharedSlots[slot] -= 1 }
        if handle.exclusiveSlots[slot] { exclusiveSlots[slot] = false }
        handle.sharedSlots[slot] = false
        handle.exclusiveSlots[slot] = false
    }
}
