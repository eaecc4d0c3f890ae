extension ClusterDescription {
    /// The place in `shards` of the one that owns a key; nil where none does. Ranges are ascending and disjoint, so the
    /// only candidate is the first range that does not end before the key.
    package func ordinal(owning key: [UInt8]) -> Int? {
        var low = 0
        var high = shards.count
        while low < high {
            let middle = (low + high) / 2
            if shards[middle].keys.ends(before: key) { low = middle + 1 } else { high = middle }
        }
        return low < shards.count && shards[low].keys.contains(key) ? low : nil
    }

    /// What a client is told about a key outside every range: `no shard owns 'foo': shard1 a*, shard2 b*`.
    package func textForUnowned(_ key: [UInt8]) -> String {
        let shown = shards.prefix(Self.shardsShownMax).map { "\($0.name) \($0.keys.text)" }
        let hidden = shards.count - shown.count
        let ranges = shown.joined(separator: ", ") + (hidden > 0 ? ", and \(hidden) more" : "")
        return "no shard owns \(KeyText.quoted(key)): \(ranges)"
    }

    private static let shardsShownMax = 16
}
