extension Group {
    /// Counts writes from the last synced one on, and returns by how much their numbers have shrunk. Numbers are only ever compared
    /// with each other, so replicas that differ in nothing else behave alike: who explores states takes them for one.
    package mutating func renumberWrites() -> UInt64 {
        let offset = writesPersisted
        vows.renumber(by: offset)
        writeNumber -= offset
        writesPersisted = 0
        return offset
    }
}
