/// Keys from `lower` up to, and without, `upper` (nil: no upper bound), compared byte by byte.
package struct KeyRange: Hashable, Sendable {
    package let lower: [UInt8]
    package let upper: [UInt8]?
    /// As it stands in the cluster file: `a*`, `from..to` or `*`.
    package let text: String

    package init(lower: [UInt8], upper: [UInt8]?, text: String) {
        self.lower = lower
        self.upper = upper
        self.text = text
    }

    package func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(lower) && !ends(before: key)
    }

    /// True where `key`, and so every key after it, lies behind this range.
    package func ends(before key: [UInt8]) -> Bool {
        guard let upper else { return false }
        return !key.lexicographicallyPrecedes(upper)
    }

    package func overlaps(_ other: KeyRange) -> Bool {
        !ends(before: other.lower) && !other.ends(before: lower)
    }

    /// The first key behind every key that starts with `prefix`: the last byte that can be counted up is, and what
    /// follows it is dropped. Nil where nothing lies behind (`prefix` is empty, or all 0xFF).
    package static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        guard let place = prefix.lastIndex(where: { $0 < 0xFF }) else { return nil }
        var successor = Array(prefix[...place])
        successor[place] += 1
        return successor
    }
}
