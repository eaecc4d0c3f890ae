package import Paxos

extension ShardID {
    /// The lower half of the name's checksum: the same on every node, whatever the order of the shards in its file.
    package init(name: String) {
        self.init(rawValue: UInt32(truncatingIfNeeded: Checksum.of(Array(name.utf8))))
    }
}
