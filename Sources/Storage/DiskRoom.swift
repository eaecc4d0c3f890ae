/// Watches the room on the disk that a replica's files are on, and keeps some of it in a file, `DIR/RESERVE`, that is given up when
/// SQLite finds none: deletes and compaction, which make room, need a little of it first (ADR 10).
///
/// All replicas of a node share the file. With less free than the reserve there is no room; there is room again once the file could
/// be made again and a tenth of the reserve is free beside the reserve itself.
struct DiskRoom {
    private let directory: String
    private let reservePath: String
    private let reserveBytes: UInt64
    private let fileSystem: any StorageFileSystem
    private(set) var hasRoom = true

    /// `directory` is the node's.
    init(directory: String, _ medium: StorageMedium) {
        self.directory = directory
        reservePath = directory + "/RESERVE"
        reserveBytes = medium.limits.reserveBytes
        fileSystem = medium.fileSystem
    }

    /// Opening files takes a little room: on a disk that has none the reserve gives it.
    func makeRoomToOpen() {
        guard let free = fileSystem.freeBytes(in: directory), free < reserveBytes / 8 else { return }
        _ = fileSystem.giveRoomBack(reservePath)
    }

    /// Now and then. Whether there is room, where that has changed.
    mutating func check() -> Bool? {
        guard let free = fileSystem.freeBytes(in: directory) else { return nil }
        var isKept = fileSystem.fileNumber(of: reservePath) != nil
        var left = free
        if !isKept, free >= reserveBytes * 2 + reserveBytes / 10, fileSystem.takeRoom(reservePath, byteCount: reserveBytes) {
            isKept = true
            left -= reserveBytes
        }
        if hasRoom, left < reserveBytes { return change(to: false) }
        if !hasRoom, isKept, left >= reserveBytes + reserveBytes / 10 { return change(to: true) }
        return nil
    }

    /// SQLite has found none. False where it has just changed.
    mutating func ranOut() -> Bool? {
        _ = fileSystem.giveRoomBack(reservePath)
        return hasRoom ? change(to: false) : nil
    }

    private mutating func change(to hasRoom: Bool) -> Bool {
        self.hasRoom = hasRoom
        return hasRoom
    }
}
