import Paxos

/// A key and its hash, which is worked out once for all maps that it is looked up in.
package struct HashedKey {
    let bytes: [UInt8]
    let hash: UInt32

    /// So that nobody can choose keys that all fall into one bucket.
    private static let seed = UInt64.random(in: 0 ... .max)

    package init(_ bytes: [UInt8]) {
        self.init(bytes, hash: UInt32(truncatingIfNeeded: Checksum.of(bytes, seed: Self.seed)))
    }

    /// `hash` is the same for the same key.
    package init(_ bytes: [UInt8], hash: UInt32) {
        self.bytes = bytes
        self.hash = hash
    }
}

/// A value for each of many keys, none of which goes again; in the order in which they came.
///
/// Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, §6.4). A bucket holds its key's hash, so a key
/// that is not there is missed without a look at other keys: a dictionary of arrays follows a pointer to each that it passes.
package struct KeyMap<Value> {
    package private(set) var keys: [[UInt8]] = []
    package private(set) var values: [Value] = []
    private var buckets: [Bucket] = []

    private struct Bucket {
        var hash: UInt32
        /// The key's place in `keys`, counted from 1; 0: there is none.
        var number: UInt32
    }

    package init() {}

    package subscript(_ key: HashedKey) -> Value? { place(of: key).map { values[$0] } }

    /// The earlier value, if there was one.
    package mutating func update(_ value: Value, for key: HashedKey) -> Value? {
        if let place = place(of: key) {
            let earlier = values[place]
            values[place] = value
            return earlier
        }
        if 2 * (keys.count + 1) > buckets.count { grow() }
        keys.append(key.bytes)
        values.append(value)
        fill(Bucket(hash: key.hash, number: UInt32(keys.count)))
        return nil
    }

    private func place(of key: HashedKey) -> Int? {
        guard !buckets.isEmpty else { return nil }
        var index = Int(key.hash) & (buckets.count - 1)
        while buckets[index].number != 0 {
            let bucket = buckets[index]
            if bucket.hash == key.hash, keys[Int(bucket.number) - 1] == key.bytes { return Int(bucket.number) - 1 }
            index = (index + 1) & (buckets.count - 1)
        }
        return nil
    }

    private mutating func fill(_ bucket: Bucket) {
        var index = Int(bucket.hash) & (buckets.count - 1)
        while buckets[index].number != 0 { index = (index + 1) & (buckets.count - 1) }
        buckets[index] = bucket
    }

    /// To a power of two.
    private mutating func grow() {
        let full = buckets
        buckets = Array(repeating: Bucket(hash: 0, number: 0), count: max(16, 2 * full.count))
        for bucket in full where bucket.number != 0 { fill(bucket) }
    }
}

extension KeyMap: Sendable where Value: Sendable {}
