/// Decides what comes next, and with which bytes.
struct OperationSource {
    struct Next {
        let kind: OperationKind
        let request: Request
        let key: Int
        let number: Int
    }

    private let settings: LoadSettings
    private let keys: KeySpace
    private var chance: Chance
    private(set) var checkedKeys: CheckedKeys?
    /// The next key of a fill, and those that have to be written again.
    private var nextFilled = 0
    private var again: [Int] = []
    private var keyBytes: [UInt8]
    /// Values are pieces of these, each from another place.
    private var valueBytes: [UInt8]

    /// How many places a value may begin at.
    private static let valueStarts = 4096

    init(_ settings: LoadSettings) {
        self.settings = settings
        keys = settings.keys
        chance = Chance(seed: settings.seed)
        checkedKeys = settings.isChecked ? CheckedKeys(keyCount: keys.count, clients: settings.clients) : nil
        keyBytes = Array(repeating: 0, count: keys.size)
        valueBytes = []
        valueBytes.reserveCapacity(settings.valueSize + Self.valueStarts)
        // Printable, and as good as incompressible.
        for _ in 0..<settings.valueSize + Self.valueStarts { valueBytes.append(UInt8(33 + chance.below(90))) }
    }

    var isExhausted: Bool { settings.isFill && nextFilled >= keys.count && again.isEmpty }

    /// Nil where a fill has nothing left.
    mutating func next(of client: Int) -> Next? {
        if settings.isFill {
            if let key = again.popLast() { return Next(kind: .write, request: .set, key: key, number: 0) }
            guard nextFilled < keys.count else { return nil }
            nextFilled += 1
            return Next(kind: .write, request: .set, key: nextFilled - 1, number: 0)
        }
        if let (key, number) = checkedKeys?.attempt(of: client, &chance) {
            return Next(kind: .write, request: .set, key: key, number: number)
        }
        let kind = settings.mix.draw(&chance)
        return Next(kind: kind, request: kind == .write ? .set : .get, key: keys.draw(&chance), number: 0)
    }

    mutating func write(_ next: Next, _ dialect: Dialect, into queue: inout ByteQueue) {
        let start = next.request == .set ? chance.below(Self.valueStarts) : 0
        let (keys, size) = (keys, settings.valueSize)
        if settings.isChecked { stamp(next.number, at: start) }
        keyBytes.withUnsafeMutableBufferPointer { key in
            keys.write(next.key, into: key)
            valueBytes.withUnsafeBufferPointer { values in
                let value = UnsafeBufferPointer(rebasing: values[start..<start + size])
                dialect.write(next.request, key: UnsafeBufferPointer(key), value: value, into: &queue)
            }
        }
    }

    private mutating func stamp(_ number: Int, at start: Int) {
        let end = start + Decimal.digitCount(number)
        valueBytes.withUnsafeMutableBufferPointer { bytes in
            Decimal.put(number, endingAt: end, in: bytes)
            bytes[end] = UInt8(ascii: ":")
        }
    }

    mutating func succeeded(_ key: Int, _ number: Int) { checkedKeys?.acknowledge(key, number) }

    mutating func failed(_ key: Int, of client: Int, isIndefinite: Bool) {
        if settings.isFill { again.append(key) }
        if isIndefinite {
            checkedKeys?.giveUp(key, of: client)
        } else {
            checkedKeys?.refuse(key)
        }
    }
}
