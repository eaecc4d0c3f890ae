/// One file: what readers see, what would survive a loss of power for certain, and the changes between the two.
struct SimulatedFile {
    enum Change {
        case write(offset: Int, bytes: [UInt8])
        case truncate(length: Int)

        var isTruncation: Bool { if case .truncate = self { true } else { false } }
    }

    /// A sector is written whole or not at all; what a write does not touch of it stays as it was (SQLite's *powersafe overwrite*).
    static let sectorSize = 512

    let kind: FileKind
    private(set) var contents: [UInt8] = []
    private var platter: [UInt8] = []
    /// In the order of the calls.
    private var pending: [Change] = []
    /// A failed sync may have left something that is not pending and not on the platter.
    private var mayHaveHoles = false

    init(kind: FileKind) { self.kind = kind }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let copy = [UInt8](unsafeUninitializedCapacity: bytes.count) { (buffer, count) in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            count = bytes.count
        }
        pending.append(.write(offset: offset, bytes: copy))
        Self.write(bytes, at: offset, to: &contents)
    }

    /// How many bytes there were to read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset < contents.count else { return 0 }
        let count = min(buffer.count, contents.count - offset)
        contents.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        return count
    }

    mutating func truncate(to length: Int) {
        pending.append(.truncate(length: length))
        Self.resize(&contents, to: length)
    }

    mutating func sync() {
        for change in pending { Self.apply(change, to: &platter) }
        pending = []
    }

    /// Some of what is pending reaches the platter, the rest never will, and nothing is pending any more.
    mutating func loseSync(using random: inout some RandomNumberGenerator) {
        settle(using: &random)
        pending = []
        mayHaveHoles = true
    }

    mutating func isSynced() -> Bool {
        if mayHaveHoles, contents == platter { mayHaveHoles = false }
        if mayHaveHoles { return false }
        return pending.isEmpty || pending.allSatisfy(\.isTruncation) && platter.starts(with: contents)
    }

    /// The power fails: of each change since the last sync it is drawn whether it is found on the platter.
    mutating func crash(using random: inout some RandomNumberGenerator) {
        settle(using: &random)
        pending = []
        contents = platter
        mayHaveHoles = false
    }

    mutating func flip(bit: Int, ofByte offset: Int) {
        let mask = UInt8(1) << UInt8(bit)
        if offset < contents.count { contents[offset] ^= mask }
        if offset < platter.count { platter[offset] ^= mask }
    }

    /// Each change is kept, dropped, or torn into sectors. As they are applied in their order, each sector is left with some
    /// version of itself, and any change may be there without those before it: all that a disk's cache can do.
    private mutating func settle(using random: inout some RandomNumberGenerator) {
        // Also the extremes: everything lost, and everything kept.
        let keptPercent = Int.random(in: 0...4, using: &random) * 25
        for change in pending {
            if Int.random(in: 0..<100, using: &random) < keptPercent {
                Self.apply(change, to: &platter)
            } else if keptPercent > 0, case .write(let offset, let bytes) = change, Bool.random(using: &random) {
                tear(bytes, at: offset, using: &random)
            }
        }
    }

    private mutating func tear(_ bytes: [UInt8], at offset: Int, using random: inout some RandomNumberGenerator) {
        var start = 0
        while start < bytes.count {
            let sectorEnd = ((offset + start) / Self.sectorSize + 1) * Self.sectorSize - offset
            let end = min(bytes.count, sectorEnd)
            if Bool.random(using: &random) {
                bytes[start..<end].withUnsafeBytes { Self.write($0, at: offset + start, to: &platter) }
            }
            start = end
        }
    }

    private static func apply(_ change: Change, to image: inout [UInt8]) {
        switch change {
        case .write(let offset, let bytes): bytes.withUnsafeBytes { write($0, at: offset, to: &image) }
        case .truncate(let length): resize(&image, to: length)
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, to image: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        if image.count < offset + bytes.count { resize(&image, to: offset + bytes.count) }
        image.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[offset...]).copyMemory(from: bytes) }
    }

    /// What grows, grows by zeros.
    private static func resize(_ image: inout [UInt8], to length: Int) {
        if length < image.count { image.removeLast(image.count - length) }
        while image.count < length { image += zeros.prefix(length - image.count) }
    }

    /// Copied from: many times as fast in a debug build as a repeated element.
    private static let zeros = [UInt8](repeating: 0, count: 8192)
}
