/// Reads Linux's list of file locks, `/proc/locks` (proc_locks(5)), for those of SQLite's write-ahead logs: byte locks of the `-shm`
/// file, 120 for who writes, 121 and 122 for checkpoints and recovery, 123 to 127 for readers
/// (<https://www.sqlite.org/walformat.html#wal_locks>).
package enum LockTable {
    private static let bytes: ClosedRange<UInt64> = 120...127

    /// The processes that hold one, ascending. A process that waits for one holds none.
    package static func holders(of file: FileNumber, in table: String, excluding own: Int32) -> [Int32] {
        let locks = table.split(separator: "\n").compactMap(Lock.init).filter { lock in
            lock.number == file.number && lock.process > 0 && lock.process != own && lock.range.overlaps(bytes)
        }
        // A layered file system may know the file by another device than the lock does.
        let same = locks.filter { $0.device == file.device }
        return Set((same.isEmpty ? locks : same).map(\.process)).sorted()
    }

    /// `1: POSIX  ADVISORY  READ 4711 08:01:131090 123 127`
    private struct Lock {
        let process: Int32
        let device: UInt64
        let number: UInt64
        let range: ClosedRange<UInt64>

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 8, words[1] == "POSIX", let process = Int32(words[4]), let first = UInt64(words[6]) else { return nil }
            let place = words[5].split(separator: ":")
            guard place.count == 3, let major = UInt64(place[0], radix: 16), let minor = UInt64(place[1], radix: 16),
                let number = UInt64(place[2]), let last = words[7] == "EOF" ? .max : UInt64(words[7]), last >= first
            else { return nil }
            self.process = process
            device = FileNumber.device(major: major, minor: minor)
            self.number = number
            range = first...last
        }
    }
}

extension FileNumber {
    /// As `stat` says it (makedev(3), which Swift does not see).
    package static func device(major: UInt64, minor: UInt64) -> UInt64 {
        (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | minor & 0xFF | (minor & ~0xFF) << 12
    }
}
