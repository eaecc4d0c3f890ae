/// Reads a write-ahead log as SQLite will, frame by frame, and goes on where SQLite stops.
///
/// SQLite takes a log to end at its first bad frame, and says nothing of what stands behind it: right for the tail that a loss of
/// power has torn, and silent loss of synced commits where a disk has changed a bit in the middle.
/// Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.
struct WriteAheadLog {
    /// The first frame that SQLite will not take, from 1; 0 is the header.
    private(set) var firstBad: Int?
    /// A transaction ends at the bad frame or behind it: SQLite drops it.
    private(set) var losesCommits = false
    /// A frame behind belongs to a later transaction than the bad one: where each commit is synced, the bad one was.
    private(set) var losesSyncedCommits = false
    /// Frames of this log stand behind the last commit that SQLite will take: the next ones would be written among them.
    private(set) var hasTornTail = false

    private var buffer: [UInt8] = []
    private var salts: ArraySlice<UInt8>?
    private var isBigEndian = false
    private var frameCount = 0
    /// What the next frame's checksum may go on from: what the last one says, and what it comes to.
    private var links: [FrameChecksum] = []
    private var previousIsCommit = true

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    private static let frameBytes = frameHeaderBytes + DatabaseKind.pageBytes

    /// The next bytes of the file.
    mutating func read(_ piece: [UInt8]) {
        buffer += piece
        var rest = buffer[...]
        if links.isEmpty {
            guard rest.count >= Self.headerBytes else { return }
            readHeader(rest.prefix(Self.headerBytes))
            rest = rest.dropFirst(Self.headerBytes)
        }
        while rest.count >= Self.frameBytes {
            readFrame(rest.prefix(Self.frameBytes))
            rest = rest.dropFirst(Self.frameBytes)
        }
        buffer = Array(rest)
    }

    private mutating func readHeader(_ header: ArraySlice<UInt8>) {
        isBigEndian = header.number(at: 0) & 1 == 1
        let stored = FrameChecksum(stored: header, at: 24)
        var computed = FrameChecksum()
        computed.add(header.prefix(24), isBigEndian: isBigEndian)
        links = [stored, computed]
        if stored == computed {
            salts = header.dropFirst(16).prefix(8)
        } else {
            // It is synced before the first frame is written, so that nothing behind it may be lost. Its salts are the frames'.
            firstBad = 0
        }
    }

    private mutating func readFrame(_ frame: ArraySlice<UInt8>) {
        frameCount += 1
        let stored = FrameChecksum(stored: frame, at: 16)
        let found = frame.dropFirst(8).prefix(8)
        if salts == nil { salts = found }
        let isOfThisLog = salts.map { $0.elementsEqual(found) } ?? false
        let computed = links.map { link in
            var checksum = link
            checksum.add(frame.prefix(8), isBigEndian: isBigEndian)
            checksum.add(frame.dropFirst(Self.frameHeaderBytes), isBigEndian: isBigEndian)
            return checksum
        }
        let isLinked = isOfThisLog && computed.contains(stored)
        if firstBad == nil, !isLinked { firstBad = frameCount }
        let isCommit = isOfThisLog && frame.number(at: 4) != 0
        if isOfThisLog { hasTornTail = firstBad != nil || !isCommit }
        if firstBad != nil {
            if isCommit { losesCommits = true }
            if isLinked, previousIsCommit { losesSyncedCommits = true }
        }
        links = isLinked ? [stored] : [stored, computed[0]]
        previousIsCommit = isCommit
    }
}

/// SQLite's checksum, which runs on from frame to frame.
private struct FrameChecksum: Equatable {
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init() {}

    init(stored bytes: ArraySlice<UInt8>, at offset: Int) {
        first = bytes.number(at: offset)
        second = bytes.number(at: offset + 4)
    }

    mutating func add(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
        bytes.withUnsafeBytes { buffer in
            for offset in stride(from: 0, to: buffer.count - 7, by: 8) {
                let left = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                let right = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                first &+= (isBigEndian ? left.bigEndian : left.littleEndian) &+ second
                second &+= (isBigEndian ? right.bigEndian : right.littleEndian) &+ first
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// Four bytes, big-endian.
    fileprivate func number(at offset: Int) -> UInt32 {
        self[(startIndex + offset)..<(startIndex + offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
